import type { CreatedProfile } from "../src/edge-api.ts";
import type { StoredCard } from "./stored-cards.ts";
import { STORED_CARDS } from "./stored-cards.ts";

/** The customer of a request without a session. Nothing is saved for them. */
export const GUEST = "demo-guest";

/** The shop's customers: their sessions, and the cards that they have saved. */
export interface Accounts {
  /** The `user_id` of a request's session; {@link GUEST} without one. */
  userOf(request: Request): string;
  /** Begins a session of a new customer. @returns the value of `Set-Cookie` */
  open(): string;
  /** The cards of a customer, the newest first; the demo's own ones last. */
  cardsOf(userId: string): readonly StoredCard[];
  /** Attaches a profile to a customer's account, once. */
  attach(userId: string, profile: CreatedProfile): void;
}

/** Accounts in memory. */
export function createAccounts(): Accounts {
  const users = new Map<string, string>();
  const saved = new Map<string, readonly StoredCard[]>();
  const savedOf = (userId: string): readonly StoredCard[] => saved.get(userId) ?? [];

  return {
    userOf: (request) => users.get(/(?:^|; )session=([\w-]+)/.exec(request.headers.get("cookie") ?? "")?.[1] ?? "") ?? GUEST,
    open() {
      const session = crypto.randomUUID();
      users.set(session, `demo-${crypto.randomUUID()}`);
      // A shop on https adds Secure. Lax: the browser comes back from the payment page by a link of another site.
      return `session=${session}; HttpOnly; SameSite=Lax; Path=/`;
    },
    cardsOf: (userId) => [...savedOf(userId), ...STORED_CARDS],
    attach(userId, { profile_id, card: { brand, last4 } }) {
      const others = savedOf(userId).filter(({ profileId }) => profileId !== profile_id);
      const name = `saved-${others.length + 1}`;
      saved.set(userId, [{ name, profileId: profile_id, brand: brand ?? "card", last4: last4 ?? "" }, ...others]);
    },
  };
}
