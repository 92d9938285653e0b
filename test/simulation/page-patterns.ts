/** Coincidences on payment pages that are too rare at random. */
import type { Plan, PlannedStep } from "../../src/simulator/index.ts";
import type { OddNotice, Visit } from "./page-visit.ts";
import type { Overlay, Pattern } from "./patterns.ts";
import type { Prng } from "./prng.ts";
import type { Action, CallFault } from "./scenario.ts";
import { HOUR, MINUTE, SECOND } from "./scenario.ts";

/** The terms of a page that saves the card, of one that does not, and of another amount (generate-pages.ts). */
const SAVES = 6;
const SAVES_NOTHING = 7;
const OTHER_AMOUNT = 10;

/** The press that opens the page: before all others. */
const opens = (firstClick: number, terms = SAVES): Action => ({
  at: Math.max(0, firstClick - 1),
  type: "click",
  tab: 1,
  key: "key-opens-page",
  terms,
  issuedAt: 1,
});

const presses = (at: number, key: string, terms: number): Action => ({
  at,
  type: "click",
  tab: 2,
  key,
  terms,
  issuedAt: Math.floor(at / SECOND) + 600,
});

interface Tried {
  readonly steps: readonly PlannedStep[];
  readonly results?: number;
  readonly page?: Plan["page"];
  readonly profile?: Plan["profile"];
  readonly notices?: readonly OddNotice[];
}

function visit(after: number, { steps, results = 1, page, profile, notices = [] }: Tried): Visit {
  const plan: Plan = {
    steps,
    callbacks: { results, format: "form" },
    ...(page === undefined ? {} : { page }),
    ...(profile === undefined ? {} : { profile }),
  };
  return { after, card: "visa", plan, secure: { after: 20 * SECOND, passes: true }, returns: { after: 500, by: "as told" }, notices };
}

const PAYS: readonly PlannedStep[] = [{ after: 0, does: "pays" }];
const DECLINES: readonly PlannedStep[] = [{ after: 0, does: "declines", code: "10009" }];

/** Reads that are slow, so that an open page is not read at once. */
const slowReads = (prng: Prng, from: number): CallFault[] =>
  Array.from({ length: 8 }, (_, index) => ({
    name: "slow",
    on: "payment_status",
    nth: from + index,
    fault: { answersAfter: prng.int(2, 12) * SECOND },
    hangs: false,
  }));

export const PAGE_PATTERNS: readonly Pattern[] = [
  {
    name: "a close, or another amount, just before somebody pays",
    overlay(prng, firstClick): Overlay {
      const after = prng.int(5 * SECOND, 40 * SECOND);
      const at = firstClick + after + prng.int(-100, 400);
      return {
        callbacks: "both",
        visits: [[visit(after, { steps: PAYS })]],
        callFaults: prng.bool(0.5) ? slowReads(prng, prng.int(1, 8)) : [],
        actions: [
          opens(firstClick),
          prng.bool(0.5) ? { at, type: "close", key: "close-before-paid" } : presses(at, "key-before-paid", OTHER_AMOUNT),
        ],
      };
    },
  },
  {
    name: "somebody pays a page that gave way or was closed",
    overlay(prng, firstClick): Overlay {
      const at = firstClick + prng.int(5 * SECOND, 2 * MINUTE);
      const later = prng.int(3 * SECOND, MINUTE);
      const slowly: readonly PlannedStep[] = [
        { after: 0, does: "waits" },
        { after: prng.int(MINUTE, 6 * MINUTE), does: prng.pick(["pays", "declines"]) },
      ];
      return {
        callbacks: "both",
        honorsCheck: prng.bool(0.5),
        visits: [
          [visit(at - firstClick + later, { steps: prng.pick([PAYS, slowly, slowly]) })],
          [visit(later + prng.int(SECOND, 2 * MINUTE), { steps: PAYS })],
        ],
        actions: [
          opens(firstClick),
          prng.bool(0.3) ? { at, type: "close", key: "close-before-paid" } : presses(at, "key-gives-way", prng.pick([OTHER_AMOUNT, 0, 7])),
        ],
      };
    },
  },
  {
    name: "another amount after a check that was ok, and the status does not know of it yet",
    overlay(prng, firstClick): Overlay {
      const begins = prng.int(2 * SECOND, MINUTE);
      const pays = prng.int(2 * MINUTE, 14 * MINUTE);
      const status = prng.pick(["new", "new", "process"]);
      return {
        callbacks: "both",
        honorsCheck: true,
        visits: [
          [
            visit(begins, {
              steps: [
                { after: 0, does: "waits", status },
                { after: pays, does: prng.pick(["pays", "pays", "declines"]) },
              ],
            }),
          ],
        ],
        actions: [
          opens(firstClick),
          presses(firstClick + begins + prng.int(2 * SECOND, pays), "key-other", prng.pick([OTHER_AMOUNT, SAVES_NOTHING, 0])),
          presses(firstClick + begins + prng.int(2 * SECOND, pays), "key-third", prng.pick([OTHER_AMOUNT, SAVES_NOTHING, 0])),
        ],
      };
    },
  },
  {
    name: "a try is under way as the page closes, and after its time",
    overlay(prng, firstClick): Overlay {
      const begins = prng.int(20 * MINUTE, 30 * MINUTE - 2 * SECOND);
      const status = prng.pick(["process", "process", "pending", "new"]);
      const ends = prng.int(46 * MINUTE, 65 * MINUTE) - begins;
      return {
        visits: [
          [
            visit(begins, {
              steps: [
                { after: 0, does: "waits", status },
                { after: ends, does: prng.pick(["pays", "pays", "declines"]) },
              ],
            }),
          ],
        ],
        actions: [
          opens(firstClick),
          presses(firstClick + prng.int(45 * MINUTE, 60 * MINUTE), "key-after-end", prng.pick([SAVES, OTHER_AMOUNT, 0])),
        ],
        lasts: 70 * MINUTE,
      };
    },
  },
  {
    name: "two tabs pay, and one result is lost",
    overlay(prng, firstClick): Overlay {
      const page = { paysTwice: true, idPerTry: prng.bool(0.5) };
      const first = prng.int(2 * SECOND, 30 * SECOND);
      return {
        callbacks: prng.pick(["both", "result"] as const),
        honorsCheck: false,
        visits: [
          [
            visit(first, { steps: PAYS, results: prng.pick([0, 1]), page }),
            visit(first + prng.int(300, 8 * SECOND), { steps: prng.pick([PAYS, PAYS, DECLINES]), results: prng.pick([0, 1, 1]), page }),
          ],
        ],
        actions: [opens(firstClick)],
        callFaults: prng.bool(0.4) ? slowReads(prng, prng.int(1, 6)) : [],
        lasts: 50 * MINUTE,
      };
    },
  },
  {
    name: "a decline that names a profile, then a payment; or a profile that nobody asked for",
    overlay(prng, firstClick): Overlay {
      const page = { idPerTry: prng.bool(0.3) };
      const first = prng.int(2 * SECOND, MINUTE);
      const notices: readonly OddNotice[] = ["a profile of a decline", "a forged profile", "a profile that nobody asked for"];
      return {
        visits: [
          [
            ...(prng.bool(0.7) ? [visit(first, { steps: DECLINES, page, notices })] : []),
            visit(first + prng.int(2 * SECOND, 2 * MINUTE), {
              steps: PAYS,
              results: prng.pick([0, 1, 2]),
              page,
              profile: { shown: prng.pick(["everywhere", "everywhere", "list"]), differs: prng.bool(0.2) },
              notices,
            }),
          ],
        ],
        actions: [opens(firstClick, prng.pick([SAVES, SAVES, SAVES_NOTHING]))],
        callbacks: "both",
      };
    },
  },
  {
    name: "pages that end, one after another",
    overlay(prng, firstClick): Overlay {
      const callFaults = prng.listOf(
        1,
        4,
        (index): CallFault => ({
          name: "lost after it acted",
          on: "page",
          nth: index + 1,
          fault: { answer: "lost" },
          hangs: false,
        }),
      );
      const clicks = prng.listOf(3, 7, (index) =>
        presses(
          firstClick + 3 * SECOND + index * prng.int(3 * SECOND, 40 * SECOND),
          `key-next-${index}`,
          prng.pick([SAVES, SAVES, OTHER_AMOUNT, 7, 0]),
        ),
      );
      return { callFaults, callbacks: "both", actions: [opens(firstClick), ...clicks] };
    },
  },
];

/** Patterns for scenarios without one of {@link PAGE_PATTERNS}. They are separate so that existing seeds keep their meaning. */
export const ADDED_PAGE_PATTERNS: readonly Pattern[] = [
  {
    name: "a profile that only the list of cards names, or nobody",
    overlay(prng, firstClick): Overlay {
      const shown = prng.pick(["list", "list", "none"] as const);
      const names = ["lost before it acts", "slow", "401", "no tokens"] as const;
      const faults: Readonly<Record<(typeof names)[number], Pick<CallFault, "fault" | "twist">>> = {
        "lost before it acts": { fault: { acts: false, answer: "lost" } },
        slow: { fault: { answersAfter: prng.int(1, 40) * SECOND } },
        "401": { fault: { acts: false, answer: { httpStatus: 401, code: "1100" } } },
        "no tokens": { fault: {}, twist: "no tokens" },
      };
      const callFaults = prng.listOf(0, 4, (index): CallFault => {
        const name = prng.pick(names);
        return { name, on: "cards", nth: index + 1, api: "merchant", hangs: false, ...faults[name] };
      });
      const later = prng.int(500, 5 * SECOND);
      return {
        callFaults,
        visits: [
          [
            visit(prng.int(2 * SECOND, MINUTE), {
              steps: PAYS,
              results: prng.pick([0, 0, 1]),
              profile: { shown, rows: prng.pick([1, 1, 2]) },
            }),
          ],
        ],
        actions: [opens(firstClick), presses(firstClick + 2 * MINUTE + later, "key-after-paid", SAVES)],
        lasts: 26 * HOUR,
      };
    },
  },
];
