/**
 * Part 2: more new orders than the edge can take. It refuses some before anything of them is stored (M2.15), and the shop repeats those
 * under their keys when the answer says so. In the end every order is paid once.
 */
import { short, table } from "../bench/statistics.ts";
import { arrive, outcomeOf, outcomes, percentile } from "./arrivals.ts";
import { checkBooks } from "./books.ts";
import type { Part } from "./part.ts";
import { bookLine, withEdge } from "./part.ts";
import type { EdgeAnswer } from "./shop.ts";
import { openShards } from "./warm-up.ts";

/** How many times the load of the first part: 1.4 of the rate that was reached. */
const TIMES = 2;

/** Milliseconds between two lines about the progress. */
const SAID_EVERY = 10_000;

/** An answer to an order that the edge took. */
const TAKEN: readonly string[] = ["201 succeeded", "201 processing", "200 succeeded", "200 processing"];

export const overload: Part = (options) =>
  withEdge(
    options,
    () => ({}),
    async (running) => {
      const { edge, shop, outside } = running;
      const { seconds, warmUp, plant, say } = options;
      const rate = options.rate * TIMES;
      const orderOf = (number: number): string => `overload-${number}`;
      const opening = Array.from({ length: warmUp }, (_, number) => `opening-${number}`);
      await openShards(shop, opening);
      let taken = 0;
      const progress = setInterval(
        () => say(`${taken} of ${Math.round(rate * seconds)} orders were taken, ${shop.refused} calls refused`),
        SAID_EVERY,
      );
      const call = async (number: number): Promise<EdgeAnswer> => {
        const answer = await shop.payUntilTaken(orderOf(number));
        taken += 1;
        return answer;
      };
      const answers = await arrive({ rate, seconds, call }).finally(() => clearInterval(progress));
      if (plant !== null) await outside.ask({ what: "plant", fault: plant });
      const books = await checkBooks(running, [...opening, ...answers.map(({ number }) => orderOf(number))]);
      const others = answers.filter((answer) => !TAKEN.includes(outcomeOf(answer)));
      const alarming = edge.log.alarming.filter((line) => !line.includes('"reason":"overloaded"'));
      const faults = [
        ...books,
        ...(others.length > 0 ? [`${others.length} orders were not taken: ${outcomes(others)}`] : []),
        ...alarming,
        ...(shop.broken > 0 ? [`${shop.broken} connections broke`] : []),
      ];
      const head = ["orders a second", "orders", "refused calls", "p50 ms", "p99 ms", "slowest ms"];
      const row = [rate, answers.length, shop.refused, ...[0.5, 0.99, 1].map((share) => percentile(answers, share))].map(short);
      const notes = `${seconds} s, after ${warmUp.toLocaleString("en")} orders. A time ends with the answer to the call that was taken. Answers to these: ${outcomes(answers)}.`;
      return { text: `${notes}\n\n${table(head, [row])}\n\n${bookLine(opening.length + answers.length, books)}`, faults };
    },
  );
