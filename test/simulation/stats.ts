/** Counts what occurred in histories, because a simulation proves nothing about faults that never occurred. */
import type { Modules } from "./edge-modules.ts";
import { kindOf } from "./call-facts.ts";
import type { SimulationEvent } from "./simulation-event.ts";
import type { Action } from "./scenario.ts";
import { StorageRefused } from "./shard-storage.ts";

/** Counts by name. */
export type Counts = Record<string, number>;

export function add(counts: Counts, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by;
}

/** Adds up counts of several histories. */
export function addAll(to: Counts, from: Readonly<Counts>): void {
  for (const [name, count] of Object.entries(from)) add(to, name, count);
}

/** Everything that is counted of a history, or of many. */
export interface Stats {
  /** Call faults that occurred, and disturbances of the edge. */
  readonly faults: Counts;
  /** `event on status`: events that reached the state machine, by the status of the order before. */
  readonly events: Counts;
  /** Outcomes of calls. */
  readonly outcomes: Counts;
  /** Replies to requests. */
  readonly replies: Counts;
  /** Statuses that the order reached, and attention that was raised. */
  readonly statuses: Counts;
  clicks: number;
  creates: number;
}

export function newStats(): Stats {
  return { faults: {}, events: {}, outcomes: {}, replies: {}, statuses: {}, clicks: 0, creates: 0 };
}

export function addStats(to: Stats, from: Stats): void {
  addAll(to.faults, from.faults);
  addAll(to.events, from.events);
  addAll(to.outcomes, from.outcomes);
  addAll(to.replies, from.replies);
  addAll(to.statuses, from.statuses);
  to.clicks += from.clicks;
  to.creates += from.creates;
}

/** Counts an action, and each setting of a deployment. */
function countAction(stats: Stats, action: Action): void {
  add(stats.faults, `action: ${action.type}${action.type === "refuse_storage" && action.lasts === null ? ", for good" : ""}`);
  if (action.type !== "deploy" || action.settings === undefined) return;
  const { gateway, retentionDays, rules } = action.settings;
  if (gateway !== undefined) add(stats.faults, `deploy: ${gateway}`);
  if (retentionDays !== undefined) add(stats.faults, `deploy: RETENTION_DAYS ${retentionDays}`);
  if (rules !== undefined) add(stats.faults, `deploy: ${rules}`);
}

/** Counts what only happens on payment pages. */
function countPages({ faults }: Stats, { before, after }: Extract<SimulationEvent, { readonly type: "applied" }>): void {
  for (const [index, { page, failure, state }] of after.attempts.entries()) {
    if (page === null) continue;
    const was = before.attempts[index];
    const last = after.attempts[index - 1];
    if (was === undefined && last !== undefined) add(faults, `page: after a ${last.page === null ? "stored card" : "page"}`);
    if (page.openedAt !== null && was?.page?.openedAt === null) add(faults, "page: opened");
    if (failure !== null && was?.failure?.by !== failure.by) add(faults, `page: ends as ${failure.by}`);
    if (state !== "undecided" && state !== "failed" && was?.state !== state)
      add(faults, `page: ${state}${was?.state === "failed" ? " after its end" : ""}`);
    if (page.profile !== null && was?.page?.profile === null) add(faults, `page: a profile${page.lookups > 0 ? " of the list" : ""}`);
  }
  for (const [index, { page }] of before.attempts.entries())
    if (page !== null && after.attempts[index + 1]?.page === null && before.attempts[index + 1] === undefined)
      add(faults, "page: before a stored card");
}

/** Counts what only happens with two APIs. */
function countApis({ faults }: Stats, { before, after }: Extract<SimulationEvent, { readonly type: "applied" }>): void {
  for (const [index, { api, gatewayOrderId, sends }] of after.attempts.entries()) {
    const was = before.attempts[index];
    const last = after.attempts[index - 1];
    if (was === undefined) add(faults, `attempt: by ${api}${last !== undefined && last.api !== api ? " after the other API" : ""}`);
    else if (was.gatewayOrderId !== gatewayOrderId && sends.length > 1) add(faults, "attempt: moves on from a used order_id");
  }
  for (const [index, { api, sends }] of after.operations.entries()) {
    const was = before.operations[index]?.sends.length ?? 0;
    if (api === "merchant" && was > 0 && sends.length > was && sends[was - 1]?.superseded === false)
      add(faults, "operation: sent once more");
  }
}

/** Counts one event. */
export function count(stats: Stats, edge: Modules, event: SimulationEvent): void {
  switch (event.type) {
    case "applied": {
      countApis(stats, event);
      countPages(stats, event);
      const before = edge.view.statusOf(event.before);
      const after = edge.view.statusOf(event.after);
      add(stats.events, `${event.chargeEvent.type} on ${before}`);
      if (after !== before) add(stats.statuses, after);
      if (event.before.gatewayChanged !== null && event.after.gatewayChanged === null)
        add(stats.faults, `edge: the order returns ${before}`);
      if (event.after.redactedAt !== event.before.redactedAt) add(stats.statuses, "redacted");
      for (const { reason } of event.after.attention.slice(event.before.attention.length)) add(stats.statuses, `attention: ${reason}`);
      break;
    }
    case "request_handled": {
      const { request, reply } = event;
      if (request.type === "pay") stats.clicks += 1;
      const result = reply === null ? "failed" : reply.ok ? (reply.began ? "began" : "known or joined") : reply.code;
      add(stats.replies, `${request.type}: ${result}`);
      if (event.isFull && event.before.updatedAt !== null) add(stats.faults, "edge: a full shard continues a known order");
      break;
    }
    case "call_ended":
      add(stats.outcomes, event.outcome.kind === "unknown" ? event.outcome.reason : event.outcome.kind);
      if (!event.isDelivered) add(stats.faults, "edge: answer lost with its object");
      break;
    case "call_received": {
      const { inFlight, receipt } = event;
      if (kindOf(inFlight.call) === "create") stats.creates += 1;
      if (inFlight.callFault !== null) add(stats.faults, `${inFlight.callFault.on}: ${inFlight.callFault.name}`);
      if (receipt === "key refused") add(stats.faults, "gateway: key refused");
      else if (receipt.replayOf !== null) add(stats.faults, `gateway: replay of ${receipt.replayOf}`);
      if (inFlight.callFault?.name === "401" && inFlight.isResend) add(stats.faults, "401 on a resend");
      break;
    }
    case "gateway_acted":
      if (event.late) add(stats.faults, event.call.requestId === "" ? "gateway: in the cabinet" : "gateway: accepted late");
      if (event.made?.shows.status !== undefined) add(stats.faults, "gateway: unknown status, for good");
      break;
    case "callback_delivered":
      add(stats.faults, `callback: ${event.callback.forged ? "forged" : event.callback.kind}, ${event.answer}`);
      if (event.signedWith !== null) add(stats.faults, `notification: ${event.callback.kind}, ${event.answer}`);
      break;
    case "evicted":
      add(stats.faults, `edge: ${event.why.replace(/[\d.]+ s/, "N s")}`);
      break;
    case "action":
      countAction(stats, event.action);
      break;
    case "odd_rows":
      add(stats.faults, `gateway: rows with ${event.how}`);
      break;
    case "alarm_fired":
      if (event.late > 0) add(stats.faults, "edge: alarm late");
      break;
    case "error_thrown":
      add(stats.faults, event.error instanceof StorageRefused ? "edge: storage refused" : "edge: record unreadable");
      break;
    case "call_refused":
      add(stats.replies, `${event.call}: ${event.code}, no decision`);
      if (event.code === "unavailable") add(stats.faults, `edge: ${event.isNew ? "full" : "unreadable"}, ${event.call} refused`);
      break;
    case "alarm_set_again":
      add(stats.faults, `edge: a lost alarm is set again by ${event.by}`);
      break;
    case "put_off":
      add(stats.faults, "edge: an unreadable order is put off");
      break;
    case "page_shown":
      add(stats.faults, "page: its address is given away");
      break;
    case "page_tried":
      add(stats.faults, `page: ${event.outcome}`);
      break;
    case "came_back":
      add(stats.faults, `page: a return as ${event.by}${event.answered ? "" : ", unanswered"}`);
      if (event.code !== null) add(stats.faults, "page: the return code");
      break;
    case "check_ended":
      add(stats.faults, `page: a check ends ${event.answer}${event.stops ? "" : ", not heeded"}`);
      break;
    case "notice_answered":
    case "alarm_lost":
    case "index_called":
    case "attention_logged":
    case "delivery_sent":
    case "call_sent":
    case "reply_delivered":
    case "alarm_done":
    case "hint_stored":
    case "callback_answered":
      break;
  }
}
