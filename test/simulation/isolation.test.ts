/** Orders that share a shard: what happens to one is not seen in another. */
import { expect, test } from "vitest";
import { cases } from "../length.ts";
import { compareWhileNeighborsHang, compareWithRoom } from "./isolation.ts";

const SEEDS = Array.from({ length: cases(3).numRuns }, (_, index) => index + 1);

test("while the queue has room, rows, answers and log lines of an order are equal to the byte whatever its neighbors do", async () => {
  let compared = 0;
  for (const seed of SEEDS) {
    const { difference, lines } = await compareWithRoom(seed);
    expect(difference, `seed ${seed}`).toBeNull();
    compared += lines;
  }
  // Something must have happened to be compared.
  expect(compared).toBeGreaterThan(SEEDS.length);
});

test("while neighbors' calls hang and fill the queue, an order has the same outcome, and nothing of them appears in it", async () => {
  for (const seed of SEEDS) expect((await compareWhileNeighborsHang(seed)).difference, `seed ${seed}`).toBeNull();
});
