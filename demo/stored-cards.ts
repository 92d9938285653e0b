/** A customer's card as the shop keeps it: the profile at Freedom Pay and what is safe to show. */
export interface StoredCard {
  readonly name: string;
  /** Made when the customer saved the card. Here its words tell the simulated gateway what to play. */
  readonly profileId: string;
  readonly brand: string;
  readonly last4: string;
}

/** The demo's one customer has a card for every story. */
export const STORED_CARDS: readonly StoredCard[] = [
  { name: "at_once", profileId: "demo-1.pays", brand: "visa", last4: "0101" },
  { name: "later", profileId: "demo-2.later-8", brand: "mastercard", last4: "0202" },
  { name: "insufficient_funds", profileId: "demo-3.decline-10009", brand: "visa", last4: "0303" },
  { name: "expired", profileId: "demo-4.decline-10017", brand: "mastercard", last4: "0404" },
  { name: "answer_lost", profileId: "demo-5.lost-after.lag-5", brand: "visa", last4: "0505" },
  { name: "no_callback", profileId: "demo-6.later-8.callbacks-none", brand: "mastercard", last4: "0606" },
];
