/** Plausible bugs in the rules P, for charges by the Merchant API. */
import type { Mutation } from "./mutation.ts";

export const MERCHANT_MUTATIONS: readonly Mutation[] = [
  {
    name: "a create of the Merchant API is sent again after silence",
    edits: [
      {
        file: "machine/capabilities",
        find: "const MERCHANT: Capabilities = {\n  replays: false,",
        replace: "const MERCHANT: Capabilities = {\n  replays: true,",
      },
    ],
    seeds: [4],
  },
  {
    name: "a refusal by the Merchant API is believed",
    edits: [
      {
        file: "machine/capabilities",
        find: "    if (!isUntaken(refusal)) return null;",
        replace: "    if (!isFailure(refusal.category, DECISIVE)) return null;",
      },
    ],
    seeds: [38],
  },
  {
    name: "a result is rejected",
    edits: [
      {
        file: "machine/events/callback",
        find: 'if (kind === "result") return "ok";',
        replace: 'if (kind === "result" && record?.attempts.find((one) => one.ticket === ticket)?.state !== "failed") return "ok";',
      },
    ],
    seeds: [1],
  },
  {
    name: "a part is refunded twice: an operation is sent again whatever its amount",
    edits: [
      {
        file: "machine/operation",
        find: "|| !isSoleSend(operation) || !isWhole) return false;",
        replace: "|| !isSoleSend(operation)) return false;",
      },
    ],
    seeds: [2],
  },
  {
    name: "an operation is sent again right after its answer was lost",
    edits: [
      {
        file: "machine/operation",
        find: "  if (startedAt - lastSendAt < NEVER_SEEN_AFTER) return false;\n  return unchangedAt !== null && startedAt - unchangedAt >= NEVER_SEEN_APART;",
        replace: "  return unchangedAt === null;",
      },
    ],
    seeds: [2],
  },
  {
    name: "an answer whose signature does not verify is believed",
    edits: [
      {
        file: "../src/merchant-api/outcome",
        find: '  if (signature === "invalid") return unknown("unverified", httpStatus);\n  const isSigned = signature === "valid";',
        replace: '  const isSigned = signature !== "absent";',
      },
    ],
    seeds: [24],
  },
  {
    name: "an unsigned refusal is believed",
    edits: [
      {
        file: "gateways/merchant",
        find: 'return { kind: "unknown", reason: "unverified", httpStatus: outcome.httpStatus, retryAfter: null };',
        replace: "return outcome;",
      },
      {
        file: "machine/capabilities",
        find: "provesUntaken({ code, isSigned, isNotIdentified })",
        replace: "provesUntaken({ code, isSigned: isSigned || !isSigned, isNotIdentified })",
      },
    ],
    seeds: [560],
  },
  {
    name: "the other API takes the order_id that the first one used",
    edits: [
      { file: "machine/attempt", find: "last !== undefined && last.api !== api ?", replace: "last !== undefined && last.number === 0 ?" },
    ],
    seeds: [25],
  },
  {
    name: "the other API does not wait while an attempt may still turn out paid",
    edits: [
      {
        file: "machine/events/pay",
        find: "attempt.api !== api && isSilent(attempt, now)",
        replace: "attempt.api !== api && isSilent(attempt, now + SILENT_FOR_OTHER_API)",
      },
    ],
    seeds: [25],
  },
  {
    name: "an order_id is read by the API of the attempt that follows",
    edits: [
      {
        file: "machine/events/polled",
        find: "one.sends.length === 0 ? [paymentRead(one, null, random)] :",
        replace: "one.sends.length === 0 ? [paymentRead({ ...attempt, gatewayOrderId: one.gatewayOrderId }, null, random)] :",
      },
    ],
    seeds: [25],
  },
  {
    name: "an attempt moves on from a used order_id although a payment is under it",
    edits: [
      {
        file: "machine/events/create-answered",
        find: "    for (const sent of attempt.sends) sent.superseded = true;\n    return;",
        replace:
          "    for (const sent of attempt.sends) sent.superseded = true;\n    moveToNextOrderId(attempt, record.orderId, random.requestId());\n    send(context, attempt, key);\n    return;",
      },
      {
        file: "machine/events/create-answered",
        find: "import { createCall, decide,",
        replace: "import { moveToNextOrderId, createCall, decide,",
      },
    ],
    seeds: [77],
  },
  {
    name: "a check is ok although the order is closed",
    edits: [{ file: "machine/events/callback", find: "if (record.closedAt !== null || currentAttempt", replace: "if (currentAttempt" }],
    seeds: [344],
  },
  {
    name: "a check that does not verify is ok",
    edits: [
      {
        file: "machine/events/callback",
        find: "return isVerified && mayTakeMoney",
        replace: "return (isVerified || !isVerified) && mayTakeMoney",
      },
    ],
    seeds: [130],
  },
  {
    name: "never seen by the Merchant API counts after an unlisted refusal as after one of the card",
    edits: [
      {
        file: "machine/capabilities",
        find: "return isFailure(category, ABOUT_THE_CARD) ?",
        replace: 'return end?.how === "refused" || isFailure(category, ABOUT_THE_CARD) ?',
      },
      {
        file: "machine/capabilities",
        find: "apart: REFUSED_UNSEEN_APART, category }",
        replace: "apart: REFUSED_UNSEEN_APART, category: null }",
      },
    ],
    seeds: [16],
  },
  {
    name: "the sum of the refunds counts beside their rows",
    edits: [{ file: "machine/reconcile", find: "if (!isSum) return read;", replace: "if (!isSum || isSum) return read;" }],
    seeds: [2],
  },
  {
    name: "refunds of a payment that is not decided are shown",
    edits: [
      {
        file: "machine/view",
        find: "ledger?.cleared === true ? toMajorUnits(refundedOf(ledger)) : 0",
        replace: "toMajorUnits(refundedOf(ledger))",
      },
    ],
    seeds: [2],
  },
];
