/** Part 6: the disk of the state is full for a while. */
import { short, table } from "../bench/statistics.ts";
import { allowsSmallDisks, onSmallDisk, SmallDisk } from "../process/small-disk.ts";
import type { Answered } from "./arrivals.ts";
import { arrive, outcomeOf, outcomes, percentile } from "./arrivals.ts";
import { checkBooks } from "./books.ts";
import type { Part } from "./part.ts";
import { bookLine, withEdge } from "./part.ts";

/** The size of the disk, in MB. */
const MEGABYTES = 128;

/** New orders are this share of the rate: the disk is small. */
const SHARE = 0.3;

/** What the simulator does with an order, in turn: some are under way when the disk becomes full. */
const PROFILES = ["pays", "pays", "later-5", "late-4", "lost-after"] as const;

/** Milliseconds until the command has seen the disk, and workerd runs again. */
const SEEN_WITHIN = 15_000;

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

export const fullDisk: Part = async (options) => {
  if (!allowsSmallDisks())
    return { text: "", faults: [], skipped: "no file system can be mounted here: it needs root, or user namespaces" };
  return withEdge(
    options,
    () => ({ around: (folder, command) => onSmallDisk(folder, MEGABYTES, command) }),
    async (running) => {
      const { edge, shop, outside } = running;
      const { seconds, plant, say } = options;
      const rate = options.rate * SHARE;
      const disk = new SmallDisk(edge.pid, edge.folder);
      const profileOf = (number: number): string => PROFILES[number % PROFILES.length] ?? "pays";
      const run = (name: string): Promise<readonly Answered[]> =>
        arrive({ rate, seconds: seconds / 3, call: (number) => shop.pay(`${name}-${number}`, profileOf(number)) });
      // Orders of the first third are still under way when the disk is filled.
      const before = run("before");
      await pause((seconds / 3) * 1000);
      disk.fill();
      say(`full: ${disk.free()} bytes are free`);
      const booksAtFill = (await outside.ask({ what: "books" })).length;
      const full = await run("full");
      const beforeAnswers = await before;
      const created = (await outside.ask({ what: "books" })).filter(({ orderId }) => orderId.startsWith("full-")).length;
      disk.makeRoom();
      await pause(SEEN_WITHIN);
      const after = await run("after");
      // Everybody whose payment was not accepted repeats it under its key.
      const repeated = [
        ...beforeAnswers.filter(({ status }) => status === 503).map(({ number }) => ["before", number] as const),
        ...full.map(({ number }) => ["full", number] as const),
      ];
      const repeats = await Promise.all(repeated.map(([name, number]) => shop.pay(`${name}-${number}`, profileOf(number))));
      if (plant !== null) await outside.ask({ what: "plant", fault: plant });
      const ids = [
        ...beforeAnswers.map(({ number }) => `before-${number}`),
        ...full.map(({ number }) => `full-${number}`),
        ...after.map(({ number }) => `after-${number}`),
      ];
      const books = await checkBooks(running, ids);
      const refused = full.filter((answer) => outcomeOf(answer) === "503 unavailable");
      const linesWith = (text: string): number =>
        edge.log.plain.filter((line) => line.startsWith("The disk of ") && line.includes(text)).length;
      const faults = [
        ...books,
        ...(refused.length === full.length ? [] : [`full: not all payments were refused with 503 unavailable: ${outcomes(full)}`]),
        ...(created === 0 ? [] : [`full: ${created} calls left, of orders that were refused`]),
        ...(after.every(({ status }) => status === 201) ? [] : [`after: not all payments were accepted: ${outcomes(after)}`]),
        ...(linesWith(" is full") === 1 && linesWith(" has room again") === 1
          ? []
          : [`the log named the full disk ${linesWith(" is full")} times, and its end ${linesWith(" has room again")} times`]),
      ];
      const row = (name: string, answers: readonly Answered[]): readonly string[] => [
        name,
        ...[answers.length, percentile(answers, 0.5), percentile(answers, 0.99)].map(short),
        outcomes(answers),
      ];
      const rows = [row("before it is full", beforeAnswers), row("full", full), row("with room again", after)];
      const notes = `${short(rate)} new orders a second on a disk of ${MEGABYTES} MB, ${short(seconds / 3)} s each, among them ones that are paid after 5 s, answered after 4 s, or whose answer is lost. ${booksAtFill} payments were at the gateway when the disk was filled. Repeated under their keys: ${repeats.length === 0 ? "none" : outcomes(repeats)}.`;
      return {
        text: `${notes}\n\n${table(["disk", "orders", "p50 ms", "p99 ms", "answers"], rows)}\n\n${bookLine(ids.length, books)}`,
        faults,
      };
    },
  );
};
