import {
  abortAllDurableObjects,
  createExecutionContext,
  listDurableObjectIds,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { dayOf } from "../../src/lib/almaty-day.ts";
import type { DayEntry } from "../../edge/rpc.ts";
import { DailyIndex } from "../../edge/daily-index.ts";
import type { EdgeBindings } from "../../edge/worker.ts";
import { edge } from "../../edge/worker.ts";
import type { DayList, MerchantChargeView } from "../../src/edge-api.ts";
import { expectRefusal } from "./over-http.ts";
import type { IndexDay } from "../../edge/storage/index-days.ts";
import { changeDays, storedDays } from "./stored-days.ts";
import { apiKey, gateway, get, object, operate, order, post, token } from "./with-gateway.ts";

const BEGAN = dayOf(Date.now());
const DAY = 86_400_000;

const headers = { Authorization: `Bearer ${apiKey}` };

async function list(query: string): Promise<DayList> {
  const answer = await exports.default.fetch(`https://edge.example/v1/charges?${query}`, { headers });
  expect([answer.status, answer.headers.get("Content-Type"), answer.headers.get("Cache-Control")]).toEqual([
    200,
    "application/json",
    "no-store",
  ]);
  return answer.json();
}

/** Today, and the day before if midnight has passed since the tests began. */
function today(): readonly string[] {
  return [...new Set([dayOf(Date.now()), BEGAN])];
}

/** The order's entry in the lists of these days, the newest first. */
async function listed(days: readonly string[] = today()): Promise<MerchantChargeView | undefined> {
  for (const day of days) {
    const found = await listedOn(day);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function listedOn(day: string): Promise<MerchantChargeView | undefined> {
  for (let after = ""; ; ) {
    const { charges, next } = await list(`day=${day}${after}`);
    const found = charges.find(({ order_id }) => order_id === order);
    if (found !== undefined || next === null) return found;
    after = `&after=${next}`;
  }
}

async function pay(more: Parameters<typeof token>[0] = {}): Promise<void> {
  await (await post(await token(more), "key-1")).json();
}

function dayObject(day: string): DurableObjectStub<DailyIndex> {
  return env.DAYS.getByName(`test-api.freedompay.kz|999999|${day}`);
}

/** The stored days of the order. */
function indexRows(): Promise<readonly IndexDay[]> {
  return runInDurableObject(object(), (_, { storage }) => storedDays(storage, order));
}

/** The days of the order's index rows, with "today" for {@link today}. */
async function indexedDays(): Promise<readonly string[]> {
  const days = (await indexRows()).map(({ day }) => (today().includes(day) ? "today" : day));
  return [...new Set(days)];
}

beforeEach(() => {
  vi.spyOn(console, "log").mockReturnValue();
});

describe("a day's list", () => {
  test("has each changed charge within seconds, as the merchant reads it", async () => {
    await pay();
    const paid = await vi.waitFor(async () => {
      const charge = await listed();
      expect(charge?.status).toBe("succeeded");
      return charge;
    });
    const { notifications, ...read } = (await (await get(apiKey)).json()) as MerchantChargeView & { notifications: unknown };
    expect(notifications).toHaveLength(1);
    expect(paid).toEqual(read);
    expect((await operate("refund", "r-1", { amount: 4 })).status).toBe(200);
    await vi.waitFor(async () => expect(await listed()).toMatchObject({ status: "succeeded", refunded_amount: 4 }));
    expect(await indexedDays()).toEqual(["today"]);
  });

  test("has a declined charge, and an order that was only closed", async () => {
    await pay({ profile_id: "decline-10009" });
    await vi.waitFor(async () => expect(await listed()).toMatchObject({ status: "failed" }));
    expect((await operate("close", "x-1")).status).toBe(200);
    await vi.waitFor(async () => expect(await listed()).toMatchObject({ status: "closed" }));
  });

  test("shows stuck charges", async () => {
    const paying = pay({ profile_id: "every-http-503.reads-http-503.requests-http-503" });
    await vi.waitFor(async () => {
      const charges = (await Promise.all(today().map((day) => list(`day=${day}&status=unconfirmed`)))).flatMap((page) => page.charges);
      expect(charges.map(({ order_id }) => order_id)).toContain(order);
      expect(charges.every(({ status }) => status === "unconfirmed")).toBe(true);
    });
    expect((await list(`day=${BEGAN}&status=refunded`)).charges).toEqual([]);
    // Resolving it ends the attempt, so that no test waits ten seconds.
    await (await operate("resolve", "x-1", { nothing_taken: true, note: "seen in the cabinet" })).text();
    await paying;
  });

  test("has a charge on each day on which it changed, always in its current state", async () => {
    await pay();
    await vi.waitFor(async () => expect(await listed()).toMatchObject({ status: "succeeded" }));
    // Simulates a change weeks ago.
    const earlier = dayOf(Date.now() - 40 * DAY);
    await runInDurableObject(object(), (_, { storage }) => changeDays(storage, order, { day: earlier }));
    expect((await operate("refund", "r-1", { amount: 4 })).status).toBe(200);
    for (const days of [[earlier], today()])
      await vi.waitFor(async () => expect(await listed(days)).toMatchObject({ refunded_amount: 4, operations: [{ state: "done" }] }));
    expect(await indexedDays()).toEqual([earlier, "today"]);
  });

  test("of a day beyond the retention is not updated", async () => {
    await pay();
    const expiredDay = dayOf(Date.now() - 401 * DAY);
    await runInDurableObject(object(), (_, { storage }) => changeDays(storage, order, { day: expiredDay }));
    expect((await operate("refund", "r-1", { amount: 4 })).status).toBe(200);
    await vi.waitFor(async () => expect(await listed()).toMatchObject({ refunded_amount: 4 }));
    expect(await indexedDays()).toEqual(["today"]);
    expect(await listed([expiredDay])).toBeUndefined();
  });

  test("gets updates that failed at first, and updates that were in flight when the order's object was evicted", async () => {
    const errors = vi.spyOn(console, "error").mockReturnValue();
    vi.spyOn(DailyIndex.prototype, "put").mockImplementation(() => {
      throw new Error("The list is full");
    });
    await pay();
    await vi.waitFor(() => expect(errors).toHaveBeenCalled());
    expect(await listed()).toBeUndefined();
    expect((await indexRows())[0]?.nextAt).not.toBeNull();
    vi.mocked(DailyIndex.prototype.put).mockRestore();
    await abortAllDurableObjects();
    await vi.waitFor(async () => expect(await listed()).toMatchObject({ status: "succeeded" }));
    expect((await indexRows())[0]?.nextAt).toBeNull();
  });

  test("of a day without a charge is empty, and reading writes nothing", async () => {
    expect(await list("day=2031-01-01")).toEqual({ charges: [], next: null });
    const tables = await runInDurableObject(dayObject("2031-01-01"), (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'entry'").toArray(),
    );
    expect(tables).toEqual([]);
  });
});

describe("the object of a day", () => {
  const day = "2026-11-20";

  function entry(number: number, more: Partial<DayEntry> = {}): DayEntry {
    const status = number % 2 === 0 ? "succeeded" : "failed";
    return { day, orderId: `o-${number}`, version: 10, status, view: JSON.stringify({ order_id: `o-${number}`, status }), ...more };
  }

  async function pages(query: string): Promise<readonly string[][]> {
    const found: string[][] = [];
    for (let after = ""; ; ) {
      const { charges, next } = await list(`${query}${after}`);
      found.push(charges.map(({ order_id }) => order_id));
      if (next === null) return found;
      after = `&after=${next}`;
    }
  }

  test("gives pages of fifty in the order of the first change; charges that come meanwhile are on the last page", async () => {
    for (let number = 1; number <= 120; number += 1) await dayObject(day).put(entry(number));
    const all = Array.from({ length: 120 }, (_, index) => `o-${index + 1}`);
    expect(await pages(`day=${day}`)).toEqual([all.slice(0, 50), all.slice(50, 100), all.slice(100)]);
    expect(await pages(`day=${day}&status=succeeded`)).toEqual([
      all.filter((_, index) => index % 2 === 1).slice(0, 50),
      ["o-102", "o-104", "o-106", "o-108", "o-110", "o-112", "o-114", "o-116", "o-118", "o-120"],
    ]);
    const { next } = await list(`day=${day}`);
    await dayObject(day).put(entry(7, { version: 11 }));
    await dayObject(day).put(entry(121));
    const rest = await list(`day=${day}&after=${next}`);
    expect(rest.charges[0]?.order_id).toBe("o-51");
    expect((await pages(`day=${day}`)).flat()).toEqual([...all, "o-121"]);
    // A full last page has no next one.
    expect((await list(`day=${day}&after=71`)).next).toBeNull();
  });

  test("keeps the newest state, in whatever order and however often the states arrive", async () => {
    const other = "2026-11-18";
    const first = entry(2, { day: other, version: 5, view: '{"order_id":"o-2","status":"processing"}', status: "processing" });
    const last = entry(2, { day: other, version: 9 });
    for (const one of [first, last, first, last, first]) await dayObject(other).put(one);
    expect((await list(`day=${other}`)).charges).toMatchObject([{ order_id: "o-2", status: "succeeded" }]);
    expect((await list(`day=${other}&status=processing`)).charges).toEqual([]);
  });

  test("gives fewer than fifty per page if they are very large, and all of them in the end", async () => {
    const large = "2026-11-19";
    for (let number = 1; number <= 5; number += 1)
      await dayObject(large).put(
        entry(number, { day: large, view: JSON.stringify({ order_id: `o-${number}`, note: "x".repeat(1_500_000) }) }),
      );
    expect(await pages(`day=${large}`)).toEqual([["o-1", "o-2"], ["o-3", "o-4"], ["o-5"]]);
  });

  test("is deleted after the retention of that day, and not before", async () => {
    const before = Date.now();
    const [old, fresh] = [dayOf(before - 402 * DAY), dayOf(before - 399 * DAY)];
    for (const one of [old, fresh]) {
      await dayObject(one).put(entry(1, { day: one }));
      await runDurableObjectAlarm(dayObject(one));
    }
    expect((await list(`day=${old}`)).charges).toEqual([]);
    expect((await list(`day=${fresh}`)).charges).toHaveLength(1);
    const alarm = await runInDurableObject(dayObject(fresh), (_, { storage }) => storage.getAlarm());
    expect(new Date(alarm ?? 0).toISOString()).toMatch(/T19:00:00.000Z$/);
    expect(alarm).toBeGreaterThan(before);
  });
});

describe("a day and a week after its day", () => {
  // No alarm can be set in the past.
  const day = "2040-11-10";
  const END = Date.parse("2040-11-10T19:00:00.000Z");

  interface AlarmRun {
    /** The shards that it called. */
    readonly checked: readonly string[];
    readonly before: number | null;
    readonly after: number | null;
  }

  /** Lets the index's alarm fire at a time. Shard 47 is not reached. */
  function fireAt(time: number, entries: readonly Pick<DayEntry, "orderId" | "status">[] = [], settings = {}): Promise<AlarmRun> {
    return runInDurableObject(dayObject(day), async (_, state) => {
      const clock = vi.spyOn(Date, "now").mockReturnValue(time);
      const checked: string[] = [];
      const check = async (name: string): Promise<void> => {
        checked.push(name);
        if (name.endsWith("|47")) throw new Error("The shard is not reached");
      };
      const getByName = (name: string, options: unknown): object => {
        expect(options).toEqual({ locationHint: "eeur" });
        return { check: () => check(name) };
      };
      const index = new DailyIndex(state, { ...env, CHARGES: { getByName }, LOCATION_HINT: "eeur", ...settings });
      for (const entry of entries) index.put({ day, version: 1, view: "{}", ...entry });
      const before = await state.storage.getAlarm();
      await index.alarm();
      const after = await state.storage.getAlarm();
      clock.mockRestore();
      return { checked, before, after };
    });
  }

  test("the index calls the shards of its undecided and held charges, each once, so that a lost alarm is set again", async () => {
    const errors = vi.spyOn(console, "error").mockReturnValue();
    const entries = [
      { orderId: "1234", status: "processing" },
      { orderId: "1234--a", status: "unconfirmed" },
      { orderId: "1235", status: "authorized" },
      ...(["succeeded", "failed", "reversed", "refunded", "closed"] as const).map((status) => ({ orderId: `settled-${status}`, status })),
    ] as const;
    const checked = ["test-api.freedompay.kz|999999|g1|47", "test-api.freedompay.kz|999999|g1|22"];
    expect(await fireAt(END, entries)).toEqual({ checked: expect.arrayContaining(checked), before: END + DAY, after: END + DAY });
    for (const [at, next] of [
      [END + DAY, END + 7 * DAY],
      [END + 7 * DAY, END + 400 * DAY],
    ] as const) {
      const fired = await fireAt(at);
      expect(fired.checked.toSorted()).toEqual(checked.toSorted());
      expect(fired.after).toBe(next);
    }
    // After a change of the merchant too it calls the shards of its own one.
    const away = await fireAt(END + 7 * DAY, [], { FREEDOM_PAY_MERCHANT_ID: "111111" });
    expect(away.checked.toSorted()).toEqual(checked.toSorted());
    // A shard that is not reached does not stop the others.
    expect(errors).toHaveBeenCalledTimes(4);
  });
});

describe("a request for a list", () => {
  test.each(["", "?day=", "?day=2026-11-31", "?day=2026-11-22&status=paid", "?day=2026-11-22&after=x", "?day=2026-11-22&page=2"])(
    "%s is refused, and no object is made for it",
    async (query) => {
      const before = await listDurableObjectIds(env.DAYS);
      const answer = await exports.default.fetch(`https://edge.example/v1/charges${query}`, { headers });
      expect(await expectRefusal(answer, "body_invalid", null)).toHaveProperty("detail");
      expect(await listDurableObjectIds(env.DAYS)).toHaveLength(before.length);
    },
  );

  test("is for the merchant alone", async () => {
    for (const bearer of [await token(), "test-secret-none"]) {
      const answer = await exports.default.fetch(`https://edge.example/v1/charges?day=${BEGAN}`, {
        headers: { Authorization: `Bearer ${bearer}` },
      });
      await expectRefusal(answer, "api_key_invalid", null);
    }
  });

  test("HEAD answers the status of the GET", async () => {
    const answer = await exports.default.fetch(`https://edge.example/v1/charges?day=${BEGAN}`, { method: "HEAD", headers });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
  });
});

describe("without the binding DAYS", () => {
  const { DAYS } = env;

  afterEach(async () => {
    Object.assign(env, { DAYS });
    await abortAllDurableObjects();
  });

  test("the route names the binding", async () => {
    const bindings = { ...env, DAYS: undefined } as unknown as EdgeBindings;
    const request = new Request(`https://edge.example/v1/charges?day=${BEGAN}`, { headers });
    const problem = await expectRefusal(await edge.fetch(request, bindings, createExecutionContext()), "not_configured", null);
    expect(problem.settings).toEqual(["DAYS"]);
  });

  test("charges work, and are listed with their next change when the binding exists", async () => {
    Object.assign(env, { DAYS: undefined });
    await pay();
    expect(gateway.totalsOf(order)).toMatchObject({ taken: 1000 });
    expect(await indexedDays()).toEqual(["today"]);
    expect((await indexRows()).map(({ nextAt }) => nextAt)).toEqual([null]);
    Object.assign(env, { DAYS });
    await abortAllDurableObjects();
    expect(await listed()).toBeUndefined();
    expect((await operate("refund", "r-1", { amount: 1 })).status).toBe(200);
    await vi.waitFor(async () => expect(await listed()).toMatchObject({ status: "succeeded", refunded_amount: 1 }));
  });
});
