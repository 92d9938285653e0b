/** Part 3: a mix of calls for a long time. Memory, descriptors and files must be flat in its last half. */
import { honoPath, ROUTES } from "../../edge/routes.ts";
import { MERCHANT } from "../bench/fixture.ts";
import { short, table } from "../bench/statistics.ts";
import { arrive, outcomeOf, outcomes, percentile } from "./arrivals.ts";
import { checkBooks } from "./books.ts";
import type { EdgeFigures, PackedEdge } from "./packed-edge.ts";
import type { Part } from "./part.ts";
import { bookLine, notifies, withEdge } from "./part.ts";
import type { EdgeAnswer, Shop } from "./shop.ts";
import { growthOf } from "./verdict.ts";
import { openShards } from "./warm-up.ts";

/** The mix: the kinds of twenty calls. The gateway calls back for each new order, twice. */
const MIX = [..."NRNWNFRNWNRNWFNRWNWF"] as readonly Kind[];

/** N: new order, R: replay of a key, W: a read that waits for a change, F: refund of a part. */
type Kind = "N" | "R" | "W" | "F";

/** Seconds that a read waits for a change. */
const WAIT = 5;

/** Major units. */
const REFUNDED = 1000;

/** An order is refunded that is this many orders old, so that it is decided. */
const REFUND_AGE = 200;

/** The route of callbacks, as in the log. */
const CALLBACK_ROUTE = honoPath(ROUTES.callback.path);

/** The most that a figure may grow in the last half, as a share. */
const MOST_GROWTH = { memory: 0.1, descriptors: 0.1, files: 0.02 } as const satisfies Record<keyof EdgeFigures, number>;

/** Samples in all. */
const SAMPLES = 60;

interface TimedFigures extends EdgeFigures {
  readonly second: number;
}

/** The orders of the soak, and what was done with them. */
class Orders {
  readonly ids: string[] = [];
  readonly refunds = new Map<string, number>();
  #refundable = 0;

  next(): string {
    const id = `soak-${this.ids.length}`;
    this.ids.push(id);
    return id;
  }

  /** An order of this age. */
  old(age: number): string {
    return this.ids[Math.max(0, this.ids.length - age)] ?? "";
  }

  /** An order that was not refunded; null while all are new. */
  toRefund(): string | null {
    if (this.#refundable + REFUND_AGE >= this.ids.length) return null;
    const id = this.ids[this.#refundable] ?? "";
    this.#refundable += 1;
    this.refunds.set(id, REFUNDED);
    return id;
  }
}

function callOf(kind: Kind, orders: Orders, shop: Shop): Promise<EdgeAnswer> {
  switch (kind) {
    case "N":
      return shop.pay(orders.next());
    case "R":
      return shop.pay(orders.old(REFUND_AGE / 2));
    case "W":
      return waitingRead(orders.old(REFUND_AGE / 4), shop);
    case "F": {
      const id = orders.toRefund();
      return id === null ? shop.read(orders.old(REFUND_AGE)) : shop.refund(id, REFUNDED);
    }
  }
}

async function waitingRead(orderId: string, shop: Shop): Promise<EdgeAnswer> {
  const { etag } = await shop.read(orderId);
  return shop.read(orderId, { etag: etag ?? "", seconds: WAIT });
}

/** Takes samples until the end. */
async function sample(edge: PackedEdge, seconds: number, say: (line: string) => void): Promise<readonly TimedFigures[]> {
  const samples: TimedFigures[] = [];
  const began = performance.now();
  for (let taken = 0; taken <= SAMPLES; taken += 1) {
    const wait = began + (taken * seconds * 1000) / SAMPLES - performance.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, wait)));
    const figures = { second: Math.round((taken * seconds) / SAMPLES), ...(await edge.figures()) };
    samples.push(figures);
    say(`${figures.second} s: ${short(figures.memory)} MB, ${figures.descriptors} descriptors, ${figures.files} files`);
  }
  return samples;
}

function sampleTable(samples: readonly TimedFigures[]): string {
  const shown = samples.filter((_, index) => index % (SAMPLES / 10) === 0);
  const rows = shown.map(({ second, memory, descriptors, files }) => [String(second), short(memory), String(descriptors), String(files)]);
  return table(["second", "memory, MB", "open descriptors", "files"], rows);
}

function growthRows(
  samples: readonly TimedFigures[],
): readonly { readonly name: string; readonly growth: number; readonly most: number }[] {
  return (["memory", "descriptors", "files"] as const).map((name) => ({
    name,
    growth: growthOf(samples.map((each) => ({ second: each.second, figure: each[name] }))),
    most: MOST_GROWTH[name],
  }));
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

export const soak: Part = (options) =>
  withEdge(
    options,
    (outside) => ({ settings: { GATEWAY_CALLBACKS: "both", ...notifies(outside, MERCHANT.notifySecret) } }),
    async (running) => {
      const { edge, shop, outside } = running;
      const { rate, minutes, warmUp, plant, say } = options;
      const seconds = minutes * 60;
      const orders = new Orders();
      await openShards(
        shop,
        Array.from({ length: warmUp }, () => orders.next()),
      );
      const kindOf = (number: number): Kind => MIX[number % MIX.length] ?? "N";
      const [answers, samples] = await Promise.all([
        arrive({ rate, seconds, call: (number) => callOf(kindOf(number), orders, shop) }),
        sample(edge, seconds, say),
      ]);
      if (plant !== null) await outside.ask({ what: "plant", fault: plant });
      const books = await checkBooks(running, orders.ids, orders.refunds);
      const growths = growthRows(samples);
      const refused = answers.filter(({ status }) => ![200, 201, 304].includes(status));
      const callbacks = edge.log.requests(CALLBACK_ROUTE, 200);
      const faults = [
        ...books,
        ...growths
          .filter(({ growth, most }) => growth > most)
          .map(({ name, growth }) => `${name} grew by ${percent(growth)} in the last half`),
        ...(refused.length > 0 ? [`${refused.length} calls were refused: ${[...new Set(refused.map(outcomeOf))].join(", ")}`] : []),
        ...(callbacks === 0 ? ["no callback was answered"] : []),
        ...edge.log.alarming,
      ];
      const times = (["N", "R", "W", "F"] as const).map((kind) => {
        const own = answers.filter(({ number }) => kindOf(number) === kind);
        const names = { N: "new orders", R: "replays", W: `reads that wait up to ${WAIT} s for a change`, F: "refunds" } as const;
        return [names[kind], ...[own.length, percentile(own, 0.5), percentile(own, 0.99)].map(short)];
      });
      const growthText = growths.map(({ name, growth, most }) => [name, percent(growth), percent(most)]);
      const text = [
        `${minutes} minutes, ${short(rate)} calls a second after ${warmUp.toLocaleString("en")} orders, and ${callbacks.toLocaleString("en")} answered callbacks. Answers: ${outcomes(answers)}.`,
        table(["calls", "number", "p50 ms", "p99 ms"], times),
        sampleTable(samples),
        table(["growth in the last half, by the slope", "measured", "at most"], growthText),
        bookLine(orders.ids.length, books),
      ];
      return { text: text.join("\n\n"), faults };
    },
  );
