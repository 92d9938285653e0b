/**
 * Parts 1 and 2: new orders at a fixed rate, one that the edge can take and one that it cannot. What is too much it refuses before anything
 * of it is stored (M2.15), and the shop repeats that under its key when the answer says so. In the end every order is paid once.
 */
import { short, table } from "../bench/statistics.ts";
import { arrive, outcomeOf, outcomes, percentile } from "./arrivals.ts";
import { checkBooks } from "./books.ts";
import type { Part } from "./part.ts";
import { bookLine, withEdge } from "./part.ts";
import type { EdgeAnswer } from "./shop.ts";
import { openShards } from "./warm-up.ts";

/** An answer to an order that the edge took. */
const TAKEN: readonly string[] = [200, 201].flatMap((status) =>
  ["succeeded", "processing", "unconfirmed"].map((said) => `${status} ${said}`),
);

/** Milliseconds between two lines about the progress. */
const SAID_EVERY = 10_000;

/** @param times how many times the rate of `load` the orders come */
function newOrders(times: number): Part {
  return (options) =>
    withEdge(
      options,
      () => ({}),
      async (running) => {
        const { edge, shop, outside } = running;
        const { seconds, warmUp, kill, plant, say } = options;
        const rate = options.loadRate * times;
        const orderOf = (number: number): string => `load-${number}`;
        const opening = Array.from({ length: warmUp }, (_, number) => `opening-${number}`);
        await openShards(shop, opening);
        let taken = 0;
        const call = async (number: number): Promise<EdgeAnswer> => {
          const answer = await shop.payUntilTaken(orderOf(number));
          taken += 1;
          return answer;
        };
        const progress = setInterval(() => say(`${taken} orders were taken, ${shop.refused} calls were refused`), SAID_EVERY);
        const killed = kill ? new Promise((resolve) => setTimeout(resolve, seconds * 500)).then(() => edge.kill()) : null;
        const answers = await arrive({ rate, seconds, call }).finally(() => clearInterval(progress));
        await killed;
        if (plant !== null) await outside.ask({ what: "plant", fault: plant });
        const books = await checkBooks(running, [...opening, ...answers.map(({ number }) => orderOf(number))]);
        const others = answers.filter((answer) => !TAKEN.includes(outcomeOf(answer)));
        const faults = [
          ...books,
          ...(others.length > 0 ? [`${others.length} orders were not taken: ${outcomes(others)}`] : []),
          ...(kill ? [] : edge.log.alarming.filter((line) => !line.includes('"reason":"overloaded"'))),
          ...(!kill && shop.broken > 0 ? [`${shop.broken} connections broke`] : []),
        ];
        const head = ["orders a second", "orders", "refused calls", "p50 ms", "p99 ms", "slowest ms"];
        const row = [rate, answers.length, shop.refused, ...[0.5, 0.99, 1].map((share) => percentile(answers, share))].map(short);
        const notes = `${seconds} s, after ${warmUp.toLocaleString("en")} orders. ${kill ? `workerd was killed (-9) in the middle: ${shop.broken} connections broke, and were repeated under their keys. ` : ""}A time ends with the answer to the call that was taken: ${outcomes(answers)}.`;
        return { text: `${notes}\n\n${table(head, [row])}\n\n${bookLine(opening.length + answers.length, books)}`, faults };
      },
    );
}

export const load: Part = newOrders(1);

export const overload: Part = newOrders(1.5);
