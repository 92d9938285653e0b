import type { ChargeView, FailureCategory } from "../src/edge-api.ts";
import type { Trouble } from "./charge-session.ts";
import type { ChargeTokenView } from "./charge-token-view.ts";
import type { ElementStatus } from "./events.ts";
import { moneyText } from "./money-text.ts";
import type { Spoken, Words } from "./words.ts";
import { both, fill } from "./words.ts";

/** What the element knows when it draws itself. */
export interface Situation {
  readonly status: ElementStatus;
  readonly charge: ChargeView | null;
  readonly token: ChargeTokenView | null;
  readonly trouble: Trouble | null;
  /** How long it has been at work: 0, then 1 after 5 seconds, 2 after 30. */
  readonly patience: number;
  /** The browser has no network. */
  readonly isOffline: boolean;
}

/** How a message looks: at work, done, something is wrong, or neither. */
export type Tone = "busy" | "good" | "bad" | "calm";

/** What the button does: pay, try again after a failure, or read again. */
export type Action = "pay" | "try_again" | "check_again";

/** What is said to the shopper. */
export interface Message {
  readonly tone: Tone;
  /** Empty when there is nothing to say. */
  readonly title: string;
  readonly note: string;
  /** Null when there is nothing to press. */
  readonly action: Action | null;
}

/** The failure may be that of other terms, another card's or an older token's: then this token's first click is still to come. */
function isOfOtherTerms({ charge, token }: Situation): boolean {
  return (
    !!charge &&
    !!token &&
    ((token.iat ?? 0) * 1000 > Date.parse(charge.updated_at ?? "") ||
      token.card?.last4 !== charge.card?.last4 ||
      token.card?.brand !== charge.card?.brand ||
      token.amount !== charge.amount)
  );
}

/** Declines after which the edge takes no other attempt with the same card. */
const BARRING: readonly (FailureCategory | undefined)[] = ["profile_dead", "card_expired", "card_blocked"];

/** How each status looks and what can be pressed in it; null where that depends. */
const LOOKS: Readonly<Record<ElementStatus, readonly [tone: Tone, action: Action | null]>> = {
  loading: ["busy", "pay"],
  ready: ["calm", "pay"],
  confirming: ["calm", "pay"],
  processing: ["busy", "pay"],
  unconfirmed: ["busy", "pay"],
  authorized: ["good", null],
  succeeded: ["good", null],
  failed: ["bad", null],
  closed: ["calm", null],
  reversed: ["calm", null],
  refunded: ["calm", null],
  expired: ["calm", null],
  conflict: ["bad", "check_again"],
  unreachable: ["bad", "check_again"],
  misconfigured: ["calm", null],
};

type Note = (words: Words, situation: Situation, lang: Spoken[0]) => string;

/** The payment's number, and what went back of it. */
const receipt: Note = (words, { charge }, lang) => {
  const payment = charge?.payment_id ? fill(words.payment, charge.payment_id) : "";
  const returned = charge?.refunded_amount ? fill(words.returned, moneyText(charge.refunded_amount, charge.currency ?? "", lang)) : "";
  return both(payment, returned);
};

/** While the charge is undecided: it is being asked after, or this page may not ask any more. */
const away = (words: Words, { kind }: Trouble): string =>
  kind === "unreachable" || kind === "server" ? words.no_connection : words.reload;

/** What is said below the status's own words. */
const NOTES: Readonly<Partial<Record<ElementStatus, Note>>> = {
  processing: (words, { charge, trouble, patience }) => {
    const warning = charge?.needs || patience > 1 ? words.pay_once : "";
    const outage = trouble ? away(words, trouble) : "";
    return both(warning, outage);
  },
  unconfirmed: (words, { trouble }) => (trouble ? both(words.pay_once, away(words, trouble)) : words.pay_once),
  authorized: receipt,
  succeeded: receipt,
  reversed: receipt,
  refunded: receipt,
  failed: (words, { charge, trouble }) => {
    const { category, retry } = charge?.failure ?? { category: "declined", retry: "bank" };
    // No more tries: by this card, which the advice says, or at all.
    const advice = trouble?.kind === "barred" && retry !== "new_profile" && retry !== "other_card" ? "none" : retry;
    return both(words[category], trouble?.kind === "expired" ? words.reload : words[`retry_${advice}`]);
  },
  closed: (words) => words.retry_none,
  expired: (words) => words.reload,
  conflict: (words) => words.reload,
  misconfigured: (words) => words.retry_none,
};

/** What to say and which button to offer, in the shopper's words. At work the button is there and does nothing. */
export function messageOf(situation: Situation, [lang, words]: Spoken): Message {
  const { status, charge, trouble, patience, isOffline } = situation;
  const kind = trouble?.kind;
  const failure = charge?.failure;
  let [tone, action] = LOOKS[status];
  let title = words[status as keyof Words] ?? "";
  let note = NOTES[status]?.(words, situation, lang) ?? "";
  if (status === "processing") title = charge?.needs ? words.authentication_required : patience > 0 ? words.processing_5s : title;
  if (status === "failed" && kind !== "barred" && kind !== "expired")
    action = isOfOtherTerms(situation) ? "pay" : failure?.retry === "none" || BARRING.includes(failure?.category) ? null : "try_again";
  // A trouble in place of the invitation to pay. While the charge is undecided the status's own words stand.
  if (kind && kind !== "conflict" && action && tone !== "busy") {
    tone = "bad";
    if (kind === "barred") [title, note, action] = [words.misconfigured, words.retry_none, null];
    else [title, note] = [kind !== "unreachable" ? words.server_error : isOffline ? words.no_connection : words.unreachable, ""];
  }
  return { tone, title, note, action };
}
