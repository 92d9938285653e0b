/**
 * Plausible bugs in the edge, each as an edit of its text. The simulation must find every one of them. `seeds` are seeds that found the bug
 * when it was last searched.
 */
import { MERCHANT_MUTATIONS } from "./merchant-mutations.ts";
import type { Mutation } from "./mutation.ts";
import { PAGE_MUTATIONS } from "./page-mutations.ts";
import { SETTINGS_MUTATIONS } from "./settings-mutations.ts";
import { SHARD_MUTATIONS } from "./shard-mutations.ts";

/** Bugs in the rules of one attempt, one operation, one read. */
const RULE_MUTATIONS: readonly Mutation[] = [
  {
    name: "a resend goes out under a fresh id",
    edits: [
      {
        file: "machine/events/polled",
        find: "    send(context, attempt, keyOfResend(attempt, context.gatewayKeyCount));",
        replace: "    attempt.requestId = random.requestId();\n    send(context, attempt, keyOfResend(attempt, context.gatewayKeyCount));",
      },
    ],
    seeds: [6],
  },
  {
    name: "the order_id moves on after silence",
    edits: [{ file: "machine/attempt", find: "return declined || (refused && !silent)", replace: "return declined || refused || silent" }],
    seeds: [12],
  },
  {
    name: "the order_id moves on after a 401",
    edits: [
      {
        file: "machine/capabilities",
        find: 'if (httpStatus === 401) return { by: "unauthorized",',
        replace: 'if (httpStatus === 401) return { by: "refusal",',
      },
    ],
    seeds: [3],
  },
  {
    name: "a key is not bound",
    edits: [{ file: "machine/events/pay", find: "  context.binding = {", replace: "  const unbound = {" }],
    seeds: [5],
  },
  {
    name: "the content of a known key is not compared",
    edits: [{ file: "machine/events/pay", find: "return bound.content === content ?", replace: "return bound.content !== null ?" }],
    seeds: [31],
  },
  {
    name: "a pending call is stored after it is sent",
    edits: [
      {
        file: "machine/runner",
        find: "  const { record, binding, outbox, effects, forget } = step;\n",
        replace: "  const { record, binding, outbox, effects, forget } = step;\n  const sent = perform(ports, record, effects);\n",
      },
      { file: "machine/runner", find: "pending: perform(ports, record, effects)", replace: "pending: sent" },
    ],
    seeds: [1],
  },
  {
    name: "never seen counts too early",
    edits: [{ file: "machine/schedule", find: "NEVER_SEEN_AFTER: number = 5 * MINUTE", replace: "NEVER_SEEN_AFTER: number = 5 * SECOND" }],
    seeds: [6],
  },
  {
    name: "never seen counts after one poll",
    edits: [
      {
        file: "machine/events/polled",
        find: "? attempt.neverSeenAt : startedAt;",
        replace: "? attempt.neverSeenAt : Number.NEGATIVE_INFINITY;",
      },
    ],
    seeds: [123],
  },
  {
    name: "never seen counts although only one of the two reads says it",
    edits: [
      {
        file: "machine/events/polled",
        find: '  if (requestReading.kind === "absent") onNeverSeen(',
        replace: '  if (requestReading.kind !== "refused") onNeverSeen(',
      },
    ],
    seeds: [6],
  },
  {
    name: "the answer to a create decides success",
    edits: [
      {
        file: "machine/events/create-answered",
        find: '  if (attempt.state === "undecided") attempt.gatewayStatus =',
        replace:
          '  if (attempt.state === "undecided") return decide(attempt, "paid", now, null);\n  if (attempt.state === "undecided") attempt.gatewayStatus =',
      },
    ],
    seeds: [8],
  },
  {
    name: "the refusal of a resend decides",
    edits: [{ file: "machine/attempt", find: "if (!isSoleSend(attempt) || refusal", replace: "if (refusal" }],
    seeds: [59],
  },
  {
    name: "the code for a duplicate decides a refusal",
    edits: [
      {
        file: "machine/attempt",
        find: 'if (!isSoleSend(attempt) || refusal.category === "duplicate")',
        replace: "if (!isSoleSend(attempt))",
      },
      { file: "machine/capabilities", find: '  "declined",\n]);', replace: '  "declined",\n  "duplicate" as FailureCategory,\n]);' },
    ],
    seeds: [380],
  },
  {
    name: "a refusal that proves nothing decides",
    edits: [{ file: "machine/capabilities", find: '  "declined",\n]);', replace: '  "declined",\n  "gateway_unavailable",\n]);' }],
    seeds: [444],
  },
  {
    name: "a callback decides",
    edits: [
      {
        file: "machine/events/hint",
        find: "attempt.hint = { at: now, hasLedToPoll: false };",
        replace:
          '{\n      attempt.hint = { at: now, hasLedToPoll: false };\n      if (attempt.state === "undecided") attempt.state = "paid";\n    }',
      },
    ],
    seeds: [1],
  },
  {
    name: "the alarm is not set again",
    edits: [
      {
        file: "machine/transition",
        find: "    attempt.nextPollAt = earliest(nextPollOf(context, attempt), pollAtAfterCallback(context, attempt));\n",
        replace: "",
      },
    ],
    seeds: [72],
  },
  {
    name: "a lost poll has no deadline",
    edits: [
      {
        file: "machine/events/polled",
        find: "  attempt.nextPollAt = startedAt + CALL_LOST_AFTER;\n",
        replace: "  attempt.nextPollAt = startedAt + 100 * CALL_LOST_AFTER;\n",
      },
    ],
    seeds: [59],
  },
  {
    name: "the amount is not compared",
    edits: [
      {
        file: "machine/reconcile",
        find: "const isAmount = amount !== null && (amount ===",
        replace: "const isAmount = amount !== -1 || (amount ===",
      },
    ],
    seeds: [3],
  },
  {
    name: "the date is not compared",
    edits: [
      {
        file: "machine/reconcile",
        find: 'return createdAt < firstSendAt(attempt) - MAX_PAYMENT_AGE ? "old_payment" : null;',
        replace: "return null;",
      },
    ],
    seeds: [80],
  },
  {
    name: "the profile is not compared",
    edits: [{ file: "machine/reconcile", find: ": profileId !== terms.profile_id) ?", replace: ": profileId === null) ?" }],
    seeds: [157],
  },
  {
    name: "an unknown status counts as success",
    edits: [
      {
        file: "machine/reconcile",
        find: '    case "success":\n',
        replace: '    case "settling":\n    case "SUCCESS":\n    case "success":\n',
      },
    ],
    seeds: [6],
  },
  {
    name: "a status that goes backwards is applied",
    edits: [{ file: "machine/reconcile", find: '  paid: ["reversed"],', replace: '  paid: ["reversed", "undecided"],' }],
    seeds: [27],
  },
  {
    name: "the reads before a later attempt are skipped",
    edits: [{ file: "machine/events/pay", find: "  else poll(context, attempt);", replace: "  else send(context, attempt, 0);" }],
    seeds: [1],
  },
  {
    name: "a later attempt is sent when one of its reads is unreadable",
    edits: [
      {
        file: "machine/events/polled",
        find: "    } else if (isFree(record, event, answer.orderId) && !attempt",
        replace: "    } else if (!attempt",
      },
    ],
    seeds: [16],
  },
  {
    name: "a resend leaves after its two minutes",
    edits: [{ file: "machine/pending-call", find: "    now - firstSendAt(call) <= SEND_WINDOW &&\n", replace: "" }],
    seeds: [12],
  },
  {
    name: "a later attempt is sent long after its click",
    edits: [
      { file: "machine/events/polled", find: "  if (now - attempt.createdAt > SEND_WINDOW || record", replace: "  if (record" },
      { file: "machine/transition", find: " && now - attempt.createdAt > SEND_WINDOW) failUnsent", replace: " && now < 0) failUnsent" },
    ],
    seeds: [66],
  },
  {
    name: "a resend does not wait ten seconds",
    edits: [{ file: "machine/pending-call", find: "    now - last.at >= RESEND_PAUSE &&\n", replace: "" }],
    seeds: [2],
  },
  {
    name: "a stale answer is applied: the generation is ignored",
    edits: [
      {
        file: "machine/events/polled",
        find: "if (attempt === undefined || event.generation !== attempt.generation) return;",
        replace: "if (attempt === undefined) return;",
      },
    ],
    seeds: [162],
  },
  {
    name: "a later refund is matched to an earlier refund's row",
    edits: [{ file: "machine/operation", find: "!operation.knownRows.includes(id) && ", replace: "" }],
    seeds: [74],
  },
  {
    name: "the refusal of an operation's resend decides",
    edits: [{ file: "machine/operation", find: "if (!isSoleSend(operation) || refusal", replace: "if (refusal" }],
    seeds: [422],
  },
  {
    name: "two operations are undecided at once",
    edits: [
      {
        file: "machine/events/operate",
        find: 'if (record.operations.some(({ state }) => state === "undecided")) return',
        replace: "if (record.operations === null) return",
      },
    ],
    seeds: [2],
  },
  {
    name: "the key of an operation is not bound",
    edits: [{ file: "machine/events/operate", find: "  context.binding = {", replace: "  const unbound = {" }],
    seeds: [13],
  },
  {
    name: "other terms join an undecided attempt",
    edits: [{ file: "machine/events/pay", find: '    if (!sameAsCurrent) return { ok: false, code: "charge_conflict" };\n', replace: "" }],
    seeds: [4],
  },
  {
    name: "a stale token is accepted",
    edits: [{ file: "machine/events/pay", find: "&& issuedAt < record.newestIssuedAt)", replace: "&& issuedAt < 0)" }],
    seeds: [48],
  },
  {
    name: "an attempt begins right after a failure",
    edits: [{ file: "machine/schedule", find: "PAUSE_AFTER_FAILURE: number = 2 * SECOND", replace: "PAUSE_AFTER_FAILURE: number = 0" }],
    seeds: [6],
  },
  {
    name: "a card that has expired is tried again",
    edits: [
      {
        file: "machine/events/pay",
        find: 'new Set(["profile_dead", "card_expired", "card_blocked"])',
        replace: 'new Set(["profile_dead"])',
      },
    ],
    seeds: [12],
  },
  {
    name: "a closed order is sent again",
    edits: [{ file: "machine/events/polled", find: "if (record.closedAt === null && attempt.mismatch", replace: "if (attempt.mismatch" }],
    seeds: [123],
  },
  {
    name: "an attempt begins on a closed order",
    edits: [
      { file: "machine/events/pay", find: '  if (record.closedAt !== null) return { ok: false, code: "charge_closed" };\n', replace: "" },
    ],
    seeds: [135],
  },
  {
    name: "the other key is tried under the same id",
    edits: [{ file: "machine/events/create-answered", find: "    attempt.requestId = random.requestId();\n", replace: "" }],
    seeds: [44],
  },
  {
    name: "a provisional failure is final",
    edits: [
      {
        file: "machine/transition",
        find: "return isProvisional(attempt) ? nextProvisionalPoll({ now, decidedAt }) : null;",
        replace: "return null;",
      },
    ],
    seeds: [72],
  },
  {
    name: "no notification is stored",
    edits: [
      {
        file: "machine/notifications",
        find: "return notificationTypesOf(before, after).map(",
        replace: "return notificationTypesOf(before, after).slice(0, 0).map(",
      },
    ],
    seeds: [1],
  },
  {
    name: "an undecided order is redacted",
    edits: [{ file: "machine/redaction", find: "if (isMoving || record", replace: "if (record" }],
    seeds: [63],
  },
  {
    name: "a payment moves to another attempt when a read leaves out a member that distinguishes them",
    edits: [
      {
        file: "machine/reconcile",
        find: "  if (isKnowns) return known;\n  if (known !== undefined && OWNING_STATES.has(known.state)) return null;\n",
        replace: "",
      },
      {
        file: "machine/reconcile",
        find: "  return matching.find(({ failure }) =>",
        replace: "  return matching[0] ?? null;\n  return matching.find(({ failure }) =>",
      },
    ],
    seeds: [28],
  },
  {
    name: "a read without the date clears a mismatch of the date",
    edits: [
      {
        file: "machine/reconcile",
        find: 'if (Number.isNaN(createdAt)) return attempt.mismatch === "old_payment" ? "old_payment" : null;',
        replace: "if (Number.isNaN(createdAt)) return null;",
      },
    ],
    seeds: [70],
  },
  {
    name: "a read without the card clears a mismatch of the card",
    edits: [
      {
        file: "machine/reconcile",
        find: 'profileId === undefined ? contradicted === "profile" :',
        replace: "profileId === undefined ? false :",
      },
    ],
    seeds: [11],
  },
  {
    name: "a payment with an unknown status does not reopen a provisional failure",
    edits: [{ file: "machine/reconcile", find: '    if (attempt.failure?.by === "silence") reopen(attempt, now);\n', replace: "" }],
    seeds: [545],
  },
  {
    name: "an attempt that moves on keeps its X-Request-Id",
    edits: [{ file: "machine/attempt", find: "  attempt.requestId = requestId;\n", replace: "" }],
    seeds: [598],
  },
  {
    name: "a read assigns a payment to another attempt than the one whose answer named it",
    edits: [
      {
        file: "machine/reconcile",
        find: 'if (confirmed !== undefined && mismatchOf(confirmed, payment) === "amount_differs") return null;',
        replace: "if (vouching?.number === 0) return null;",
      },
    ],
    seeds: [71],
  },
];

/** All of them. Those outside the rules P were found when every seed was played with v5, and those of charges before pages were played. */
export const MUTATIONS: readonly Mutation[] = [
  ...[...RULE_MUTATIONS, ...SETTINGS_MUTATIONS, ...SHARD_MUTATIONS].map((one): Mutation => ({ apis: "async", ...one })),
  ...MERCHANT_MUTATIONS.map((one): Mutation => ({ pages: false, ...one })),
  ...PAGE_MUTATIONS.map((one): Mutation => ({ pages: true, ...one })),
];
