/** The payment page of an attempt, as plain data: a part of the stored record (record.ts). */
import type { FailureCategory } from "../../src/edge-api.ts";

/** A try to pay on a page: a payment of its own at the gateway, or one id for all of them. */
export interface PageTry {
  readonly id: string;
  /** What its last read said; null before it. `unpaid`: nobody began, or it came to nothing. `taken`: it holds or took money. */
  said: "unpaid" | "absent" | "moving" | "taken" | null;
}

/** The last declined try on a page. */
export interface DeclinedTry {
  readonly category: FailureCategory;
  readonly code: string | null;
  readonly tryId: string | null;
}

/** A check of a page that was answered `ok`. */
export interface AllowedCheck {
  readonly at: number;
  /** The try that it asked about. */
  readonly tryId: string | null;
  /** A decline of that try was read before. So a decline that is read later may be the same one. */
  readonly wasDeclined: boolean;
}

/** A profile that a verified result or the gateway's list of cards named (P9). */
export interface NamedProfile {
  /** Bound to its user: `60144557.` and a part of a MAC. */
  readonly profileId: string;
  readonly expiresAt: number | null;
  readonly brand: string | null;
  readonly last4: string | null;
}

/** The same, until a read shows the payment that made it. */
export interface ProfileOffer extends NamedProfile {
  readonly paymentId: string;
  /** Of the card's token; null without one. */
  readonly cardDigest: string | null;
}

/** A row of the gateway's list of cards. */
export interface ListedCard {
  /** Bound to its user. Null without a profile. */
  readonly profileId: string | null;
  readonly cardDigest: string | null;
  readonly last4: string | null;
  /** When the card was stored; null if the gateway does not say it. */
  readonly createdAt: number | null;
}

/** Where the shopper returns to, and how the page was asked for. None of it is a term. */
export interface PageRequest {
  readonly returnUrl: string;
  readonly language: "kk" | "ru" | "en" | null;
  /** The secret part of the addresses of the return. It is another than that of callbacks (P7). */
  readonly returnTicket: string;
  /** Proves to the merchant that this browser came back from this page. Null where no card is saved (P7). */
  readonly returnCode: string | null;
  readonly urls: { readonly success_url: string; readonly failure_url: string };
}

/** The payment page of an attempt (P4 to P7). */
export interface Page extends PageRequest {
  /** Its address. Null before it is opened, once its time is over, and once it is decided. */
  url: string | null;
  openedAt: number | null;
  /** Its tries whose id anything named: at most 3. They bind nothing. */
  tries: PageTry[];
  /** The try that the last read of its number showed. */
  shownTryId: string | null;
  /** The try whose payment made the attempt's mismatch. A read of another try does not clear it. */
  mismatchTryId: string | null;
  lastDecline: DeclinedTry | null;
  /** The last sign that somebody uses it: a check, a result, a return, or a read that says neither `new` nor declined. */
  lastSignAt: number | null;
  /** The last return. Until a read that began after it has ended, the address is not shown. Null once it has. */
  hiddenAt: number | null;
  /** The last check that was answered `ok`: for 15 minutes the page does not give way, unless its try is declined. */
  check: AllowedCheck | null;
  /** The try that a verified result said is paid, until a read says that it was declined. No check of another one is `ok` (P6). */
  saidPaidId: string | null;
  /** When the last poll began that lets the page go: all of it said `new`, over or declined. Null after any other one. */
  quietAt: number | null;
  /** It gave way once: its checks are refused from then on (P6). */
  hasGivenWay: boolean;
  /** The shopper returned by the address of the failure. */
  hasReturnedFailed: boolean;
  /** The return code was given away. */
  isCodeGiven: boolean;
  /** Profiles that verified results named, one for each payment, at most 3. */
  offers: ProfileOffer[];
  /** The profile that the payment made. The first one stands. */
  profile: NamedProfile | null;
  /** Of the card's token in the status; null without one, and where no card is saved. */
  cardDigest: string | null;
  /** From when the list of cards is asked for the profile, and how often it was asked. */
  lookupsFrom: number | null;
  lookups: number;
  /** When it was asked last. */
  lookedUpAt: number | null;
}
