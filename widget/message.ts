import type { FailureCategory } from "../src/edge-api.ts";
import type { SessionError, SessionErrorKind } from "./session-error.ts";
import type { ElementState } from "./element-state.ts";
import type { ElementStatus } from "./events.ts";
import { moneyText } from "./money-text.ts";
import type { Localized, Words } from "./words.ts";
import { interpolate, joinSentences } from "./words.ts";

/** What a message depends on. */
export interface Situation
  extends Pick<ElementState, "status" | "charge" | "token" | "pageAddress" | "error" | "pressError" | "slowNotices" | "isChecking"> {
  /** The page that was last seen here is over, or none was seen. */
  readonly isPageOver: boolean;
  /** The browser has no network. */
  readonly isOffline: boolean;
}

/** How a message looks: at work, done, an error, or neither. */
export type Tone = "busy" | "good" | "bad" | "calm";

/** What the button does: pay, try again after a failure, or read again. To continue, a link to Freedom Pay's page stands in its place. */
export type Action = "pay" | "try_again" | "check_again" | "continue";

/** The message to the shopper, and the button below it. */
export interface Message {
  readonly tone: Tone;
  /** Empty when there is no message. */
  readonly title: string;
  readonly note: string;
  /** Null when there is nothing to press. */
  readonly action: Action | null;
}

/** The failure may belong to another card than the token's. */
function isOfOtherCard({ charge, token }: Situation): boolean {
  return token?.card?.last4 !== charge?.card?.last4 || token?.card?.brand !== charge?.card?.brand;
}

/** The failure may belong to other terms, another card or an older token: then this token has not been paid with yet. */
function isOfOtherTerms(situation: Situation): boolean {
  const { charge, token } = situation;
  return isOfOtherCard(situation) || token?.amount !== charge?.amount || (token?.iat ?? 0) * 1000 > Date.parse(charge?.updated_at ?? "");
}

/** Declines after which the edge takes no other attempt with the same card. */
const BARRING: readonly (FailureCategory | undefined)[] = ["profile_dead", "card_expired", "card_blocked"];

type Appearance = readonly [tone: Tone, action: Action | null];

/** The tone of a status and what can be pressed in it, where it is not {@link CALM}. After a failure the action depends. */
const APPEARANCE: Readonly<Partial<Record<ElementStatus, Appearance>>> = {
  loading: ["busy", "pay"],
  redirecting: ["busy", "pay"],
  ready: ["calm", "pay"],
  confirming: ["calm", "pay"],
  processing: ["busy", "pay"],
  unconfirmed: ["busy", "pay"],
  authorized: ["good", null],
  succeeded: ["good", null],
  failed: ["bad", null],
  conflict: ["bad", "check_again"],
  unreachable: ["bad", "check_again"],
};

const CALM: Appearance = ["calm", null];

/** The answers to this page's own press were lost: the edge may not know of it, and then nobody asks the bank. */
function isLost({ status, charge }: Situation): boolean {
  return status === "unconfirmed" && charge !== null && charge.status !== "unconfirmed";
}

type Note = (words: Words, situation: Situation, lang: Localized["lang"]) => string;

/** The payment id and the refunded amount. */
const receipt: Note = (words, { charge }, lang) => {
  const payment = charge?.payment_id ? interpolate(words.payment, charge.payment_id) : "";
  const returned = charge?.refunded_amount
    ? interpolate(words.returned, moneyText(charge.refunded_amount, charge.currency ?? "", lang))
    : "";
  return joinSentences(payment, returned);
};

/** While the charge is undecided: the edge is asked again, or this page may not ask any more. */
const outageNote = (words: Words, { kind }: SessionError): string =>
  kind === "unreachable" || kind === "server" ? words.no_connection : words.reload;

/** The second line, below the status's own words. */
const NOTES: Readonly<Partial<Record<ElementStatus, Note>>> = {
  processing: (words, { charge, error, slowNotices }) => {
    const warning = charge?.needs || slowNotices > 1 ? words.pay_once : "";
    const outage = error ? outageNote(words, error) : "";
    return joinSentences(warning, outage);
  },
  unconfirmed: (words, situation) => {
    const { error } = situation;
    if (!error || isLost(situation)) return words.pay_once;
    return joinSentences(words.pay_once, outageNote(words, error));
  },
  authorized: receipt,
  succeeded: receipt,
  reversed: receipt,
  refunded: receipt,
  failed: (words, situation) => {
    const { charge, error } = situation;
    const { category, retry } = charge?.failure ?? { category: "declined", retry: "bank" };
    // No more tries: with this card, which the advice says, or at all.
    const advice = error?.kind === "barred" && retry !== "new_profile" && retry !== "other_card" ? "none" : retry;
    const next = error?.kind === "expired" ? words.reload : words[`retry_${advice}`];
    // The advice is about the payment that failed. A button that pays under other terms needs none.
    return joinSentences(causeOf(category, words), actionAfterFailure(situation) === "pay" ? "" : next);
  },
  closed: (words) => words.retry_none,
  expired: (words) => words.reload,
  conflict: (words) => words.reload,
  misconfigured: (words) => words.retry_none,
};

function titleOf(situation: Situation, words: Words): string {
  const { status, charge, slowNotices, error } = situation;
  if (status === "processing" && charge?.needs === "bank_confirmation") return words.authentication_required;
  if (status === "processing" && slowNotices > 0) return words.processing_5s;
  if (error && isLost(situation)) return words.no_connection;
  return words[status as keyof Words] ?? "";
}

/** What can be pressed after a failure. */
function actionAfterFailure(situation: Situation): Action | null {
  const { charge, error } = situation;
  if (error?.kind === "barred" || error?.kind === "expired") return null;
  if (isOfOtherTerms(situation)) return "pay";
  const failure = charge?.failure;
  return failure?.retry === "none" || BARRING.includes(failure?.category) ? null : "try_again";
}

/** What only the merchant can repair is none of the shopper's business: it says what `misconfigured` does. */
function causeOf(category: FailureCategory, words: Words): string {
  return words[category as keyof Words] ?? words.misconfigured;
}

/**
 * The message while the charge is undecided on a page. An open one is a link away. Where the edge shows none, the shopper has just come back,
 * and is told more only if that lasts; or its time is over.
 */
function pageMessage({ charge, pageAddress, error, slowNotices, isPageOver }: Situation, words: Words): Message {
  const outage = error ? outageNote(words, error) : "";
  const failure = charge?.payment_page?.last_failure;
  if (pageAddress && failure) return { tone: "bad", title: words.failed, note: causeOf(failure.category, words), action: "continue" };
  if (pageAddress) return { tone: "calm", title: outage, note: "", action: "continue" };
  if (slowNotices > 0 && isPageOver) return { tone: "busy", title: words.page_closed, note: outage, action: null };
  return { tone: "busy", title: words.unconfirmed, note: joinSentences(words.pay_once, outage), action: "pay" };
}

/** The message of the status itself. The failure of one card is not shown beside another one that can pay. */
function statusMessage(situation: Situation, localized: Localized): Message {
  const { status, charge, token } = situation;
  const { lang, words } = localized;
  if (status === "processing" && charge?.needs === "payment_page" && token?.isForPage) return pageMessage(situation, words);
  const [tone, usual] = APPEARANCE[status] ?? CALM;
  const action = status === "failed" ? actionAfterFailure(situation) : usual;
  if (status === "failed" && action && isOfOtherCard(situation)) return statusMessage({ ...situation, status: "ready" }, localized);
  return { tone, title: titleOf(situation, words), note: NOTES[status]?.(words, situation, lang) ?? "", action };
}

/** The first line of an error that stands in place of the invitation to pay. */
function errorTitle(kind: SessionErrorKind, isOffline: boolean, words: Words): string {
  if (kind !== "unreachable") return words.server_error;
  return isOffline ? words.no_connection : words.unreachable;
}

/** The message to the shopper and the button to offer. At work the button is there and does nothing. */
export function messageOf(situation: Situation, localized: Localized): Message {
  const message = statusMessage(situation, localized);
  const { words } = localized;
  const kind = situation.error?.kind;
  // While the charge is undecided, and where nothing can be pressed, the status's own words stand.
  if (!message.action || message.action === "continue" || message.tone === "busy") return message;
  if (situation.pressError || kind === "unsent") return { ...message, tone: "calm", title: words.confirming, note: "" };
  if (!kind || kind === "conflict") return message;
  if (kind === "barred") return { tone: "bad", title: words.misconfigured, note: words.retry_none, action: null };
  return { ...message, tone: "bad", title: errorTitle(kind, situation.isOffline, words), note: "" };
}
