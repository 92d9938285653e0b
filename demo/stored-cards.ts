/** A customer's card in the shop's records: the profile at Freedom Pay, and the brand and last digits to show. */
export interface StoredCard {
  readonly name: string;
  /** The profile that was made when the customer saved the card. Its keywords choose the simulated gateway's scenario. */
  readonly profileId: string;
  readonly brand: string;
  readonly last4: string;
}

/** The cards of the demo's customer, one for each scenario. */
export const STORED_CARDS: readonly StoredCard[] = [
  { name: "at_once", profileId: "demo-1.pays", brand: "visa", last4: "0101" },
  { name: "later", profileId: "demo-2.later-8", brand: "mastercard", last4: "0202" },
  { name: "insufficient_funds", profileId: "demo-3.decline-10009", brand: "visa", last4: "0303" },
  { name: "expired", profileId: "demo-4.decline-10017", brand: "mastercard", last4: "0404" },
  { name: "answer_lost", profileId: "demo-5.every-lost-after.lag-16", brand: "visa", last4: "0505" },
  { name: "no_callback", profileId: "demo-6.later-8.callbacks-none", brand: "mastercard", last4: "0606" },
];
