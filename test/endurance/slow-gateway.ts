/** Part 5: a gateway that answers some creates after 15 s. Their POSTs are answered before, and other orders do not wait for them. */
import { short, table } from "../bench/statistics.ts";
import type { Answered } from "./arrivals.ts";
import { arrive, outcomeOf, outcomes, percentile } from "./arrivals.ts";
import { checkBooks } from "./books.ts";
import type { Part } from "./part.ts";
import { bookLine, withEdge } from "./part.ts";

/** The simulator's keyword: it acts at once, and answers after 15 s. */
const LATE = "late-15";

/** Milliseconds by which the answers of one kind come at the latest. */
const LATEST = { late: 15_000, others: 10_000 } as const;

/** Of three calls one is a slow order, one another order, one a read of it. */
const KINDS = ["late", "paid", "read"] as const;

/** The most calls a second: no more than 256 payments may be under way at once (M2.15), and a slow one takes 15 s. */
const MOST = 45;

type Kind = (typeof KINDS)[number];

function kindOf(number: number): Kind {
  return KINDS[number % KINDS.length] ?? "paid";
}

function faultsIn(kind: Kind, answers: readonly Answered[]): readonly string[] {
  const [expected, latest] =
    kind === "late" ? ["201 processing", LATEST.late] : [kind === "paid" ? "201 succeeded" : "200 succeeded", LATEST.others];
  const other = answers.filter((answer) => outcomeOf(answer) !== expected);
  const slow = answers.filter(({ milliseconds }) => milliseconds > latest);
  return [
    ...(other.length > 0 ? [`${kind}: not ${expected}, but ${outcomes(other)}`] : []),
    ...(slow.length > 0 ? [`${kind}: ${slow.length} answers came after more than ${latest / 1000} s`] : []),
  ];
}

export const slowGateway: Part = (options) =>
  withEdge(
    options,
    () => ({}),
    async (running) => {
      const { edge, shop, outside } = running;
      const { seconds, plant } = options;
      const rate = Math.min(options.rate, MOST);
      // The order that the reads are about.
      await shop.pay("known");
      const call = (number: number) =>
        kindOf(number) === "read" ? shop.read("known") : shop.pay(`${kindOf(number)}-${number}`, kindOf(number) === "late" ? LATE : "pays");
      const answers = await arrive({ rate, seconds, call });
      const of = (kind: Kind): readonly Answered[] => answers.filter(({ number }) => kindOf(number) === kind);
      if (plant !== null) await outside.ask({ what: "plant", fault: plant });
      const ids = ["known", ...answers.flatMap(({ number }) => (kindOf(number) === "read" ? [] : [`${kindOf(number)}-${number}`]))];
      const books = await checkBooks(running, ids);
      const faults = [...books, ...KINDS.flatMap((kind) => faultsIn(kind, of(kind))), ...edge.log.alarming];
      const names = { late: "orders whose create is answered after 15 s", paid: "other orders", read: "reads of another order" } as const;
      const rows = KINDS.map((kind) => [
        names[kind],
        ...[of(kind).length, percentile(of(kind), 0.5), percentile(of(kind), 0.99)].map(short),
        outcomes(of(kind)),
      ]);
      const notes = `${short(rate)} calls a second for ${seconds} s.`;
      return {
        text: `${notes}\n\n${table(["calls", "number", "p50 ms", "p99 ms", "answers"], rows)}\n\n${bookLine(ids.length, books)}`,
        faults,
      };
    },
  );
