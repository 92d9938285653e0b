/** Part 4: the merchant's server is slow, and then dead. Payments go on, rows wait, and all are delivered once when it is back. */
import { MERCHANT } from "../bench/fixture.ts";
import { short, table } from "../bench/statistics.ts";
import type { Answered } from "./arrivals.ts";
import { arrive, outcomeOf, outcomes, percentile } from "./arrivals.ts";
import { checkBooks, viewsOf } from "./books.ts";
import type { ReceiverMode } from "./outside.ts";
import type { Part } from "./part.ts";
import { bookLine, notifies, withEdge } from "./part.ts";
import { deliveryFaults } from "./verdict.ts";

const MODES = ["ready", "slow", "dead"] as const satisfies readonly ReceiverMode[];

/** Seconds until all are delivered: the second pause of a failed notification is 5 minutes and a tenth. */
const DELIVERED_WITHIN = 480;

/** Orders decided by their POST, of those with a merchant's server that is ready, of which at least this share must be with another one. */
const AS_WELL = 0.95;

function decidedShare(answers: readonly Answered[]): number {
  return answers.filter((answer) => outcomeOf(answer) === "201 succeeded").length / answers.length;
}

export const notifications: Part = (options) =>
  withEdge(
    options,
    (outside) => ({ settings: notifies(outside, MERCHANT.notifySecret) }),
    async (running) => {
      const { edge, shop, outside } = running;
      const { rate, seconds, plant, say } = options;
      const phases: { readonly mode: ReceiverMode; readonly answers: readonly Answered[]; readonly delivered: number }[] = [];
      for (const mode of MODES) {
        await outside.ask({ what: "receiver", mode });
        const answers = await arrive({ rate, seconds: seconds / MODES.length, call: (number) => shop.pay(`${mode}-${number}`) });
        phases.push({ mode, answers, delivered: (await outside.ask({ what: "notifications" })).length });
        say(`${mode}: ${outcomes(answers)}`);
      }
      await outside.ask({ what: "receiver", mode: "ready" });
      const ids = phases.flatMap(({ mode, answers }) => answers.map(({ number }) => `${mode}-${number}`));
      const waited = await viewsOf(shop, ids, (view) => view.notifications.every(({ ended }) => ended !== null), DELIVERED_WITHIN);
      const pending = waited.filter((view) => view.notifications.some(({ ended }) => ended === null));
      if (plant !== null) await outside.ask({ what: "plant", fault: plant });
      const books = await checkBooks(running, ids);
      const delivered = await outside.ask({ what: "notifications" });
      const usual = decidedShare(phases[0]?.answers ?? []);
      const slower = phases.filter(({ answers }) => decidedShare(answers) < AS_WELL * usual);
      const faults = [
        ...books,
        ...deliveryFaults(ids, delivered),
        ...pending.map(({ order_id }) => `${order_id}: a notification still waits`),
        ...slower.map(({ mode, answers }) => `payments did not go on while the merchant's server was ${mode}: ${outcomes(answers)}`),
        ...edge.log.alarming,
      ];
      const head = ["the merchant's server", "orders", "decided by their POST", "p50 ms", "p99 ms", "delivered by the end of it, in all"];
      const rows = phases.map(({ mode, answers, delivered: now }) => [
        { ready: "answers at once", slow: "answers after 10 s", dead: "refuses connections" }[mode],
        ...[answers.length, decidedShare(answers) * answers.length, percentile(answers, 0.5), percentile(answers, 0.99), now].map(short),
      ]);
      const notes = `${short(rate)} new orders a second, ${short(seconds / MODES.length)} s each. After that the merchant's server answered again: ${delivered.length.toLocaleString("en")} notifications of ${ids.length.toLocaleString("en")} orders were delivered, ${pending.length} wait.`;
      return { text: `${notes}\n\n${table(head, rows)}\n\n${bookLine(ids.length, books)}`, faults };
    },
  );
