/** I4 and I5: what is asked, and what may come of it. */
import type { Decision } from "../../edge/machine/event.ts";
import type { ChargeRecord, Terms } from "../../edge/machine/record.ts";
import type { Asking } from "./happening.ts";
import type { Fail, Watch, Watched } from "./watch.ts";

/** Statuses under which other terms are a conflict (M2). */
const BOUND: ReadonlySet<string> = new Set(["undecided", "held", "paid", "reversed", "refunded"]);

function termsOf(event: Extract<Asking, { type: "pay" }>): Terms {
  const { amount, currency, user_id, profile_id, auto_clearing } = event.input.charge;
  return { amount: Math.round(amount * 100), currency, user_id, profile_id, auto_clearing };
}

const same = (one: Terms, other: Terms): boolean =>
  one.amount === other.amount &&
  one.currency === other.currency &&
  one.user_id === other.user_id &&
  one.profile_id === other.profile_id &&
  one.auto_clearing === other.auto_clearing;

function scopeOf(event: Asking): string {
  if (event.type === "pay") return `${event.input.caller} pay`;
  return event.type === "operate" ? `merchant ${event.kind}` : `merchant ${event.type}`;
}

/** The content that a key stands for. */
function contentOf(event: Asking): string {
  if (event.type === "pay") return JSON.stringify(termsOf(event));
  if (event.type === "operate") return `${event.requestedAmount}`;
  return event.type === "resolve" ? `${event.paymentId} ${event.note}` : "";
}

export function watchAskings(watched: Watched, fail: Fail): Watch {
  /** Keys whose answer reached its caller, with what they stood for. */
  const known = new Map<string, string>();
  /** `iat` of the newest token whose acceptance, under a new key, reached its caller. */
  let newest: number | null = null;

  /** But for the note that the order was away: the first event after it came home ends that, whatever it is. */
  function unchanged(before: ChargeRecord, after: ChargeRecord): boolean {
    return JSON.stringify(before) === JSON.stringify({ ...after, gatewayChanged: before.gatewayChanged });
  }

  function judge(event: Asking, before: ChargeRecord, after: ChargeRecord, reply: Decision | null): void {
    const name = `${scopeOf(event)} with key ${event.key}`;
    if (reply === null) {
      if (!unchanged(before, after)) fail("I5", `${name} broke off, yet it changed the order`);
      return;
    }
    if (before.redactedAt !== null) {
      if (event.type === "pay" && reply.ok && reply.began) fail("I4", `${name} began something on an order that was reduced`);
      return;
    }
    if (watched.isAway()) {
      away(event, before, after, reply);
      return;
    }
    const content = known.get(`${scopeOf(event)} ${event.key}`);
    if (content !== undefined) {
      if (!unchanged(before, after)) fail("I4", `${name} was known already, yet it changed the order`);
      if (content === contentOf(event) && (!reply.ok || reply.began))
        fail("I4", `${name} was known already, yet the answer is ${JSON.stringify(reply)}`);
      if (content !== contentOf(event) && (reply.ok || reply.code !== "idempotency_key_reused"))
        fail("I5", `${name} stood for something else before, yet the answer is ${JSON.stringify(reply)}`);
      return;
    }
    if (event.bound === null && event.type === "pay") conflicts(event, before, reply);
    if (!reply.ok && !unchanged(before, after)) fail("I5", `${name} was refused (${reply.code}), yet it changed the order`);
  }

  /** M1: an order that is away answers everybody the same, and keeps nothing but that it is away. */
  function away(event: Asking, before: ChargeRecord, after: ChargeRecord, reply: Decision): void {
    const name = `${scopeOf(event)} with key ${event.key}`;
    if (reply.ok || reply.code !== "unavailable") fail("M1", `${name} of an order that is away was answered ${JSON.stringify(reply)}`);
    const noted = { ...after, attention: before.attention, sequence: before.sequence };
    if (!unchanged(before, noted)) fail("I5", `${name} was refused because the order is away, yet it changed the order`);
  }

  function conflicts(event: Extract<Asking, { type: "pay" }>, before: ChargeRecord, reply: Decision): void {
    const current = watched.edge.view.currentAttempt(before);
    if (current === null || same(current.terms, termsOf(event))) return;
    const isStale = newest !== null && event.issuedAt !== null && event.issuedAt < newest;
    const isRefused = !reply.ok && reply.code === "charge_conflict";
    if (isStale && !isRefused) fail("I5", `a token older than the newest, with other terms, was answered ${JSON.stringify(reply)}`);
    if (BOUND.has(current.state) && !isRefused)
      fail("I5", `other terms while the order is ${current.state} were answered ${JSON.stringify(reply)}`);
  }

  return {
    hear(happening): void {
      if (happening.what === "applied" && happening.after.redactedAt !== happening.before.redactedAt) known.clear();
      else if (happening.what === "asked") judge(happening.event, happening.before, happening.after, happening.reply);
      else if (happening.what === "told" && happening.reply.ok) {
        const { event } = happening;
        known.set(`${scopeOf(event)} ${event.key}`, contentOf(event));
        if (event.type === "pay" && event.issuedAt !== null && event.bound === null) newest = Math.max(newest ?? 0, event.issuedAt);
      } else if (happening.what === "evicted" && watched.wasRestored()) {
        // An older state knows of no key that came later.
        const { bindings } = watched.object.store.rows;
        for (const key of [...known.keys()]) if (!bindings.has(key)) known.delete(key);
        newest = watched.object.record.newestIssuedAt === null ? null : Math.min(newest ?? 0, watched.object.record.newestIssuedAt);
      }
    },
  };
}
