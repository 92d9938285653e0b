/** I4 and I5: requests, and what each of them may change. */
import type { Decision } from "../../edge/machine/event.ts";
import type { Attempt, ChargeRecord, Terms } from "../../edge/machine/record.ts";
import { sameTerms, termsOf } from "./page-terms.ts";
import type { ClientRequest } from "./simulation-event.ts";
import type { Fail, Checker, CheckContext } from "./checker.ts";

/** States in which other terms are a conflict (M2). */
const BOUND: ReadonlySet<string> = new Set(["undecided", "held", "paid", "reversed", "refunded"]);

/** The terms of a request to pay. */
function requestedIn(request: PayRequest): Terms {
  return termsOf(request.input.charge);
}

/** Whether a request means the charge of the current attempt. Once that is decided, the way of paying is no difference (M2.5). */
function isSame(current: Attempt, terms: Terms): boolean {
  const isDecided = current.state !== "undecided" && current.state !== "failed";
  const isOtherWay = isDecided && current.terms.pay_with !== terms.pay_with;
  return sameTerms(isOtherWay ? { ...current.terms, ...wayOf(terms) } : current.terms, terms);
}

function wayOf({ pay_with, profile_id, save_card_months }: Terms): Pick<Terms, "pay_with" | "profile_id" | "save_card_months"> {
  return { pay_with, profile_id, save_card_months };
}

/** A record without the members that polling changes: a request may bring a poll forward that is due. */
function withoutPolls(record: ChargeRecord): ChargeRecord {
  const attempts = record.attempts.map(
    (one): Attempt => ({ ...one, nextPollAt: null, pollStartedAt: null, lastPollStartedAt: null, hint: null }),
  );
  return { ...record, attempts };
}

function scopeOf(request: ClientRequest): string {
  if (request.type === "pay") return `${request.input.caller} pay`;
  return request.type === "operate" ? `merchant ${request.kind}` : `merchant ${request.type}`;
}

/** The content that a key is bound to. */
function contentOf(request: ClientRequest): string {
  if (request.type === "pay") return JSON.stringify(requestedIn(request));
  if (request.type === "operate") return `${request.requestedAmount}`;
  return request.type === "resolve" ? `${request.paymentId} ${request.note}` : "";
}

/** A record without the addresses of pages whose time is over: the first event after it takes them away (P5.3). */
function withoutExpired(before: ChargeRecord, after: ChargeRecord): ChargeRecord {
  const isOver = ({ page }: Attempt, index: number): boolean =>
    page !== null && page.url !== null && after.attempts[index]?.page?.url === null;
  if (!before.attempts.some(isOver)) return before;
  const attempts = before.attempts.map(
    (one, index): Attempt => (one.page !== null && isOver(one, index) ? { ...one, page: { ...one.page, url: null } } : one),
  );
  return { ...before, attempts, updatedAt: after.updatedAt };
}

type PayRequest = Extract<ClientRequest, { readonly type: "pay" }>;

/** A request as it was decided. */
interface Judged {
  readonly before: ChargeRecord;
  readonly after: ChargeRecord;
  readonly reply: Decision;
}

export function requestChecker(context: CheckContext, fail: Fail): Checker {
  /** Keys whose answer reached its caller, with their content. */
  const known = new Map<string, string>();
  /** `iat` of the newest token that was accepted under a new key, if the answer reached its caller. */
  let newest: number | null = null;

  /** Ignores `gatewayChanged`, because the first event after the order's return clears it. */
  function unchanged(before: ChargeRecord, after: ChargeRecord): boolean {
    return JSON.stringify(withoutExpired(before, after)) === JSON.stringify({ ...after, gatewayChanged: before.gatewayChanged });
  }

  function judge(request: ClientRequest, before: ChargeRecord, after: ChargeRecord, reply: Decision | null): void {
    const name = `${scopeOf(request)} with key ${request.key}`;
    if (reply === null) {
      if (!unchanged(before, after)) fail("I5", `${name} failed with an error, but it changed the order`);
      return;
    }
    if (before.redactedAt !== null) {
      if (request.type === "pay" && reply.ok && reply.began) fail("I4", `${name} began an attempt on a redacted order`);
      return;
    }
    if (context.isAway()) {
      refusedWhileAway(request, before, after, reply);
      return;
    }
    const content = known.get(`${scopeOf(request)} ${request.key}`);
    if (content !== undefined) {
      if (!unchanged(before, after)) fail("I4", `${name} was known already, but it changed the order`);
      if (content === contentOf(request) && (!reply.ok || reply.began))
        fail("I4", `${name} was known already, but the answer is ${JSON.stringify(reply)}`);
      if (content !== contentOf(request) && (reply.ok || reply.code !== "idempotency_key_reused"))
        fail("I5", `${name} had other content before, but the answer is ${JSON.stringify(reply)}`);
      return;
    }
    if (request.bound === null && request.type === "pay") conflicts(request, { before, after, reply });
    if (!reply.ok && !unchanged(withoutPolls(before), withoutPolls(after)))
      fail("I5", `${name} was refused (${reply.code}), but it changed the order`);
  }

  /** M1: an order that is away refuses every request, and stores only that it is away. */
  function refusedWhileAway(request: ClientRequest, before: ChargeRecord, after: ChargeRecord, reply: Decision): void {
    const name = `${scopeOf(request)} with key ${request.key}`;
    if (reply.ok || reply.code !== "unavailable") fail("M1", `${name} of an order that is away was answered ${JSON.stringify(reply)}`);
    const noted = { ...after, attention: before.attention, sequence: before.sequence };
    if (!unchanged(before, noted)) fail("I5", `${name} was refused because the order is away, but it changed the order`);
  }

  function conflicts(request: PayRequest, { before, after, reply }: Judged): void {
    const current = context.edge.view.currentAttempt(before);
    if (current === null || isSame(current, requestedIn(request))) return;
    const isStale = newest !== null && request.issuedAt !== null && request.issuedAt < newest;
    const isRefused = !reply.ok && reply.code === "charge_conflict";
    if (isStale && !isRefused) fail("I5", `a token older than the newest, with other terms, was answered ${JSON.stringify(reply)}`);
    // A page may give way; oracle-page.ts judges that. A request that it gives way to may be refused for another reason.
    const gaveWay = current.page !== null && after.attempts[current.number - 1]?.failure?.by === "replaced";
    const mayGiveWay = current.page !== null && !reply.ok;
    if (BOUND.has(current.state) && !isRefused && !gaveWay && !mayGiveWay)
      fail("I5", `other terms while the order is ${current.state} were answered ${JSON.stringify(reply)}`);
  }

  return {
    onEvent(event): void {
      if (event.type === "applied" && event.after.redactedAt !== event.before.redactedAt) known.clear();
      else if (event.type === "request_handled") judge(event.request, event.before, event.after, event.reply);
      else if (event.type === "reply_delivered" && event.reply.ok) {
        const { request } = event;
        known.set(`${scopeOf(request)} ${request.key}`, contentOf(request));
        if (request.type === "pay" && request.issuedAt !== null && request.bound === null) newest = Math.max(newest ?? 0, request.issuedAt);
      } else if (event.type === "evicted" && context.wasRestored()) {
        // A restored state does not have keys that were bound later.
        const { bindings } = context.object.rows;
        for (const key of [...known.keys()]) if (!bindings.has(key)) known.delete(key);
        newest = context.object.record.newestIssuedAt === null ? null : Math.min(newest ?? 0, context.object.record.newestIssuedAt);
      }
    },
  };
}
