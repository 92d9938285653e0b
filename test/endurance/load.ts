/** Part 1: new orders at a fixed rate. */
import { arrive, outcomes, percentile } from "./arrivals.ts";
import { checkBooks } from "./books.ts";
import { short, table } from "../bench/statistics.ts";
import type { Part } from "./part.ts";
import { bookLine, withEdge } from "./part.ts";
import { CALLERS } from "./reached-rate.ts";
import { openShards } from "./warm-up.ts";

/** The status of a created attempt, and of one whose first answer was lost. */
const PAID: readonly number[] = [200, 201];

export const load: Part = (options) =>
  withEdge(
    options,
    () => ({}),
    async (running) => {
      const { edge, shop, outside } = running;
      const { rate, reached, seconds, warmUp, kill, plant } = options;
      const orderOf = (number: number): string => `load-${number}`;
      const opening = Array.from({ length: warmUp }, (_, number) => `opening-${number}`);
      await openShards(shop, opening);
      const killed = kill ? new Promise((resolve) => setTimeout(resolve, seconds * 500)).then(() => edge.kill()) : null;
      const answers = await arrive({ rate, seconds, call: (number) => shop.pay(orderOf(number)) });
      await killed;
      if (plant !== null) await outside.ask({ what: "plant", fault: plant });
      const books = await checkBooks(running, [...opening, ...answers.map(({ number }) => orderOf(number))]);
      const refused = answers.filter(({ status }) => !PAID.includes(status));
      const faults = [
        ...books,
        ...(refused.length > 0 ? [`${refused.length} payments were refused: ${outcomes(refused)}`] : []),
        ...(kill ? [] : edge.log.alarming),
        ...(!kill && shop.broken > 0 ? [`${shop.broken} connections broke`] : []),
      ];
      const head = ["orders a second", "orders", "p50 ms", "p99 ms", "slowest ms"];
      const row = [rate, answers.length, percentile(answers, 0.5), percentile(answers, 0.99), percentile(answers, 1)].map(short);
      const share = reached === null ? "" : `, at 0.7 of the ${short(reached)} new orders a second that ${CALLERS} callers had reached`;
      const notes = `${seconds} s, after ${warmUp.toLocaleString("en")} orders${share}. ${kill ? `workerd was killed (-9) in the middle: ${shop.broken} connections broke, and were repeated under their keys. ` : ""}Answers: ${outcomes(answers)}.`;
      return { text: `${notes}\n\n${table(head, [row])}\n\n${bookLine(opening.length + answers.length, books)}`, faults };
    },
  );
