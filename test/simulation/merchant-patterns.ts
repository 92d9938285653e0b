/** Coincidences of the Merchant API, and of both APIs on one order, that are too rare at random. */
import type { Overlay, Pattern } from "./patterns.ts";
import type { Prng } from "./prng.ts";
import type { CallFault, Reaction } from "./scenario.ts";
import { MINUTE, SECOND } from "./scenario.ts";

const lags = (prng: Prng, calls: number): CallFault[] => {
  const lag = prng.int(5 * SECOND, 20 * SECOND);
  return Array.from({ length: calls }, (_, index) => ({
    name: "lags",
    on: "payment_status",
    nth: index + 1,
    fault: { lag },
    hangs: false,
  }));
};

const lost = (prng: Prng, on: CallFault["on"], nth: number): CallFault =>
  prng.weighted<CallFault>([
    [3, { name: "lost before it acts", on, nth, fault: { acts: false, answer: "lost" }, hangs: prng.bool(0.3) }],
    [1, { name: "lost after it acted", on, nth, fault: { answer: "lost" }, hangs: prng.bool(0.3) }],
    [1, { name: "accepted late", on, nth, fault: { actsAfter: prng.int(SECOND, 30 * SECOND) }, hangs: prng.bool(0.3) }],
  ]);

const click = (key: string, terms: number): Reaction["action"] => ({ at: 0, type: "click", tab: 1, key, terms, issuedAt: 1200 });

const operate = (kind: "refund" | "clearing" | "reverse", requestedAmount: number | null): Reaction["action"] => ({
  at: 0,
  type: "operate",
  kind,
  key: `${kind}-lost`,
  requestedAmount,
});

export const MERCHANT_PATTERNS: readonly Pattern[] = [
  {
    name: "silence, then the other card",
    overlay: (prng): Overlay => ({
      callFaults: [lost(prng, "create", 1), lost(prng, "create", 2)],
      reactions: [
        { status: "failed", after: prng.int(2 * SECOND, 2 * MINUTE), action: click("key-other-card", 1) },
        { status: "failed", after: prng.int(2 * SECOND, 25 * MINUTE), action: click("key-same-card", prng.pick([0, 1])) },
      ],
      actions: prng.listOf(0, 3, (index) => ({
        at: prng.int(6 * MINUTE, 40 * MINUTE),
        type: "click" as const,
        tab: 1,
        key: `key-late-${index}`,
        terms: prng.pick([0, 1]),
        issuedAt: 1300,
      })),
      lasts: 30 * MINUTE,
    }),
  },
  {
    name: "an error although it acted, and reads that lag",
    overlay: (prng): Overlay => ({
      callFaults: [
        {
          name: "an error although it acted",
          on: "create",
          nth: prng.pick([1, 1, 2]),
          api: "merchant",
          fault: { answer: { httpStatus: 200, code: prng.pick(["10009", "9901", "11070", "10007"]) } },
          hangs: false,
        },
        ...lags(prng, prng.int(2, 12)),
      ],
      reactions: [{ status: "failed", after: prng.int(2 * SECOND, 30 * SECOND), action: click("key-again", prng.pick([0, 1])) }],
    }),
  },
  {
    name: "a used order_id, and reads that lag",
    overlay: (prng): Overlay => ({
      callFaults: [
        prng.bool(0.5)
          ? { name: "9991 without a payment", on: "create", nth: 1, api: "merchant", fault: { refuses: { code: "9991" } }, hangs: false }
          : { name: "9991", on: "create", nth: 1, fault: { answer: { httpStatus: 200, code: "9991" } }, hangs: false },
        ...lags(prng, prng.int(0, 12)),
      ],
      actions: prng.bool(0.3) ? [{ at: prng.int(SECOND, 40 * SECOND), type: "close", key: "close-meanwhile" }] : [],
    }),
  },
  {
    name: "a close, or another key, before its check",
    overlay: (prng, firstClick): Overlay => ({
      callbacks: "both",
      actions: [
        prng.bool(0.5)
          ? { at: firstClick + prng.int(1, 60), type: "close", key: "close-before-check" }
          : { at: Math.max(0, firstClick - 1), type: "gateway_keys", accepts: ["new", "old"] },
      ],
    }),
  },
  {
    name: "an operation whose answer is lost",
    overlay: (prng): Overlay => {
      const holds = prng.bool(0.4);
      const requested = prng.pick([null, null, 1, 300]);
      const kind = holds ? prng.pick(["clearing", "reverse"] as const) : "refund";
      return {
        callFaults: [lost(prng, "edit", 1), ...(prng.bool(0.3) ? [lost(prng, "edit", 2)] : [])],
        reactions: [
          {
            status: holds ? "authorized" : "succeeded",
            after: prng.int(0, 20 * SECOND),
            action: operate(kind, kind === "reverse" ? null : requested),
          },
        ],
        plans: [{ steps: [{ after: 0, does: "pays" }] }],
        holds,
        lasts: 15 * MINUTE,
      };
    },
  },
];
