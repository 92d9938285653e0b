import { beforeEach, describe, expect, test } from "vitest";
import { PostLimit } from "../../../edge/shard/post-limit.ts";
import { SECOND } from "../../../src/lib/time.ts";

const NOW = 1_000_000;

let limit: PostLimit;

beforeEach(() => {
  limit = new PostLimit();
});

/** So many POSTs at one moment: the seconds to wait that they are answered with. */
function posts(orderId: string, count: number, now = NOW): readonly number[] {
  return Array.from({ length: count }, () => limit.count(orderId, now));
}

const TWENTY = Array.from({ length: 20 }, () => 0);

test("an order takes twenty POSTs in ten seconds, and the next one is told to wait", () => {
  expect(posts("1", 21)).toEqual([...TWENTY, 10]);
});

test("the wait ends ten seconds after the oldest of them, in whole seconds", () => {
  posts("1", 1);
  posts("1", 19, NOW + 3 * SECOND);
  expect([3_000, 4_001, 9_000, 9_999, 10_000].map((later) => limit.count("1", NOW + later))).toEqual([7, 6, 1, 1, 0]);
});

test("after ten seconds a POST is not counted any more", () => {
  posts("1", 20);
  expect(posts("1", 1, NOW + 10 * SECOND - 1)).toEqual([1]);
  expect(posts("1", 21, NOW + 10 * SECOND)).toEqual([...TWENTY, 10]);
});

test("a POST that was refused does not count", () => {
  posts("1", 20);
  posts("1", 20, NOW + 5 * SECOND);
  expect(posts("1", 20, NOW + 10 * SECOND)).toEqual(TWENTY);
});

test("every order has a count of its own", () => {
  posts("1", 20);
  expect(posts("2", 20)).toEqual(TWENTY);
  expect(posts("1", 1)).toEqual([10]);
});

test("a clock that is set back refuses nobody", () => {
  posts("1", 20);
  expect(posts("1", 20, NOW - 1)).toEqual(TWENTY);
});

describe("the orders that are counted at once", () => {
  function others(count: number): void {
    for (let number = 1; number <= count; number += 1) limit.count(`other-${number}`, NOW);
  }

  test("are two thousand: one more takes the place of the order whose newest POST is the oldest", () => {
    posts("1", 20);
    others(1_999);
    expect(posts("1", 1)).toEqual([10]);
    limit.count("one more", NOW);
    expect(posts("1", 1)).toEqual([0]);
  });

  test("keep an order that has POSTed since", () => {
    posts("1", 1);
    posts("2", 20);
    posts("1", 19);
    others(1_999);
    expect([...posts("1", 1), ...posts("2", 1)]).toEqual([10, 0]);
  });
});
