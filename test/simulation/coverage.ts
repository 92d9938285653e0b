/** What must occur in the histories of a run, because a fault, event or status that never occurs tests nothing. */
import { FAULT_NAMES } from "./faults.ts";
import { MERCHANT_FAULT_NAMES } from "./merchant-faults.ts";
import type { Stats } from "./stats.ts";

/** Disturbances of the edge, and repeated answers of the gateway. */
const DISTURBANCES = [
  "401 on a resend",
  "attempt: by async",
  "attempt: by async after the other API",
  "attempt: by merchant",
  "attempt: by merchant after the other API",
  "attempt: moves on from a used order_id",
  "notification: check, ok",
  "notification: check, rejected",
  "notification: result, ok",
  "operation: sent once more",
  "callback: check, ok",
  "callback: forged, ok",
  "callback: result, ok",
  "unplanned callback: not found",
  "unplanned callback: ok",
  "action: clock",
  "action: refuse_storage, for good",
  "deploy: RETENTION_DAYS 1",
  "deploy: RETENTION_DAYS 400",
  "deploy: first",
  "deploy: holds end later",
  "deploy: holds end sooner",
  "deploy: never seen later",
  "deploy: never seen sooner",
  "deploy: other gateway",
  "deploy: other merchant",
  "deploy: attention later",
  "edge: a full shard continues a known order",
  "edge: full, close refused",
  "edge: full, pay refused",
  "edge: a lost alarm is set again by a call",
  "edge: a lost alarm is set again by a daily index",
  "edge: a lost alarm is set again by an opening",
  "edge: a new deployment",
  "edge: a rollback to the version before",
  "edge: an unreadable order is put off",
  "edge: the newer version returns",
  "edge: unreadable, callback refused",
  "edge: unreadable, close refused",
  "edge: unreadable, operate refused",
  "edge: unreadable, pay refused",
  "edge: unreadable, read refused",
  "edge: unreadable, resolve refused",
  "edge: alarm late",
  "edge: answer lost with its object",
  "edge: between two steps",
  "edge: an older state is restored",
  "edge: its storage failed",
  "edge: storage refused",
  "edge: the order returns authorized",
  "edge: the order returns processing",
  "edge: the order returns succeeded",
  "edge: the order returns unconfirmed",
  "gateway: a second payment after its replay expired",
  "gateway: unknown status, for good",
  "gateway: accepted late",
  "gateway: in the cabinet",
  "gateway: key refused",
  "gateway: replay of order",
  "gateway: replay of request",
  "gateway: rows with a long id",
  "gateway: rows with an unknown status",
  "gateway: rows with no amount",
  "gateway: rows with no id",
  "gateway: rows with no status",
  "gateway: rows with too many",
];

/** Events, each with the statuses of the order before it. */
const EVENTS: Readonly<Record<string, readonly string[]>> = {
  pay: ["ready", "processing", "unconfirmed", "failed", "authorized", "succeeded", "reversed", "refunded"],
  create_answered: ["processing", "unconfirmed"],
  polled: ["processing", "unconfirmed", "failed", "authorized", "succeeded", "reversed", "refunded", "closed"],
  alarm: ["processing", "unconfirmed", "failed", "authorized", "succeeded", "closed"],
  hint: ["processing", "unconfirmed", "failed", "authorized", "succeeded", "reversed", "refunded", "closed"],
  operate: ["authorized", "succeeded"],
  edit_answered: ["authorized", "succeeded"],
  operation_polled: ["authorized", "succeeded"],
  close: ["ready", "processing", "unconfirmed", "failed", "succeeded"],
  resolve: ["processing", "unconfirmed", "failed"],
  resolution_read: ["processing", "unconfirmed", "failed"],
};

/** Statuses and attention. */
const STATUSES = [
  "processing",
  "unconfirmed",
  "authorized",
  "succeeded",
  "failed",
  "reversed",
  "refunded",
  "closed",
  "redacted",
  "attention: gateway_changed",
  "attention: ledger_too_large",
  "attention: refund_unsettled",
];

/** Everything that must occur and did not. */
export function missingFrom({ faults, events, statuses }: Stats): readonly string[] {
  const pairs = Object.entries(EVENTS).flatMap(([type, before]) => before.map((status) => `${type} on ${status}`));
  return [
    ...[...FAULT_NAMES, ...MERCHANT_FAULT_NAMES, ...DISTURBANCES].filter((name) => faults[name] === undefined),
    ...pairs.filter((event) => events[event] === undefined),
    ...STATUSES.filter((status) => statuses[status] === undefined),
  ];
}
