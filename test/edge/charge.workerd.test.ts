import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { describe, expect, test, vi } from "vitest";
import type { ChargeRecord } from "../../edge/machine/record.ts";
import type { ChargeView, MerchantChargeView } from "../../src/edge-api.ts";
import { DAY, HOUR } from "../../src/lib/time.ts";
import { apiKey, creates, gateway, get, holdGateway, object, order, post, runAlarmUntil, token } from "./with-gateway.ts";

describe("a charge, from the request to the gateway and back", () => {
  test("is paid once, with the amount of the token", async () => {
    const response = await post(await token(), "key-1");
    expect(response.status).toBe(201);
    const charge = (await response.json()) as ChargeView;
    expect(charge).toEqual({
      order_id: order,
      amount: 10,
      currency: "KZT",
      description: "Test order",
      card: null,
      status: "succeeded",
      needs: null,
      payment_page: null,
      attempt: 1,
      failure: null,
      payment_id: expect.any(String),
      cleared_amount: 10,
      refunded_amount: 0,
      updated_at: expect.any(String),
    });
    expect(gateway.totalsOf(order)).toMatchObject({ taken: 1000, payments: 1 });
    expect(creates()).toHaveLength(1);
  });

  test("twenty clicks at once make one create and all get the same charge", async () => {
    const bearer = await token({ profile_id: "later-1" });
    const replies = await Promise.all(Array.from({ length: 20 }, (_, click) => post(bearer, `key-${click % 4}`)));
    expect(replies.map(({ status }) => status).filter((status) => status === 201)).toHaveLength(1);
    for (const reply of replies) expect(await reply.json()).toMatchObject({ status: "succeeded", attempt: 1 });
    expect(gateway.payments()).toHaveLength(1);
  });

  test("is declined, then paid with another card under the next gateway order_id", async () => {
    const declined = (await (await post(await token({ profile_id: "decline-10009" }), "key-1")).json()) as ChargeView;
    expect(declined).toMatchObject({ status: "failed", failure: { category: "insufficient_funds", retry: "later" } });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const paid = (await (await post(await token(), "key-2")).json()) as ChargeView;
    expect(paid).toMatchObject({ status: "succeeded", attempt: 2 });
    expect(gateway.payments().map(({ orderId, taken }) => [orderId, taken])).toEqual([
      [order, 0],
      [`${order}--2`, 1000],
    ]);
  });

  test("whose answer is lost ends paid exactly once", async () => {
    const charge = (await (await post(await token({ profile_id: "lost-after" }), "key-1")).json()) as ChargeView;
    expect(charge.status).toBe("succeeded");
    expect(gateway.totalsOf(order)).toMatchObject({ taken: 1000, payments: 1 });
  });

  test("survives an eviction of its object between the create and its answer", async () => {
    const letTimePass = holdGateway();
    const answer = post(await token({ profile_id: "later-2" }), "key-1").then(
      (response) => response.body?.cancel(),
      () => undefined,
    );
    await vi.waitFor(() => expect(gateway.payments()).toHaveLength(1));
    await abortAllDurableObjects();
    await answer;
    letTimePass();
    const charge = await runAlarmUntil("succeeded");
    expect(charge.attempts).toHaveLength(1);
    expect(gateway.payments()).toHaveLength(1);
  });

  test("is charged by the merchant's server with the payer's address at the consent", async () => {
    const body = {
      order_id: order,
      amount: 12.5,
      currency: "KZT",
      description: "Monthly",
      user_id: "12345",
      profile_id: "pays",
      user_ip: "198.51.100.7",
    };
    const response = await post(apiKey, "key-1", body);
    expect(response.status).toBe(201);
    const charge = (await response.json()) as MerchantChargeView;
    expect(charge).toMatchObject({
      status: "succeeded",
      amount: 12.5,
      profile_id: "pays",
      attempts: [{ caller: "merchant", state: "paid" }],
    });
    expect(JSON.stringify(charge)).not.toContain("198.51.100.7");
  });
});

describe("reading", () => {
  test("an order that was never charged is ready for its shopper and unknown to the merchant; no row is written", async () => {
    const charge = (await (await get(await token())).json()) as ChargeView;
    expect(charge).toMatchObject({ status: "ready", attempt: 0, amount: 10, updated_at: null });
    expect((await get(apiKey)).status).toBe(404);
    const tables = await runInDurableObject(object(), (_, state) =>
      state.storage.sql.exec<{ name: string }>("SELECT name FROM sqlite_master WHERE name IN ('shard', 'record')").toArray(),
    );
    expect(tables).toEqual([]);
    expect(gateway.log.entries).toHaveLength(0);
  });

  test("waits for a change, and answers 304 if there is none", async () => {
    const letTimePass = holdGateway();
    const bearer = await token({ profile_id: "later-3" });
    const first = post(bearer, "key-1");
    const etag = await vi.waitFor(async () => {
      const now = await get(bearer);
      // The charge does not change any more until it is paid.
      expect(await now.json()).toMatchObject({ status: "processing", payment_id: expect.any(String) });
      return now.headers.get("ETag") ?? "";
    });
    // The second is the tag that Apache sends when it compresses the answer.
    for (const known of [etag, etag.replace(/"$/, '-gzip"')]) expect((await get(bearer, { "If-None-Match": known })).status).toBe(304);
    const waiting = get(bearer, { "If-None-Match": etag, Prefer: "wait=25" });
    letTimePass();
    const changed = await waiting;
    expect(((await changed.json()) as ChargeView).status).toBe("succeeded");
    expect(changed.headers.get("ETag")).not.toBe(etag);
    await (await first).json();
  });

  test("a paid order under other terms conflicts, and the refusal has the charge", async () => {
    await (await post(await token(), "key-1")).json();
    const conflict = await get(await token({ amount: 11 }));
    expect(conflict.status).toBe(409);
    expect(await conflict.json()).toMatchObject({ code: "charge_conflict", charge: { status: "succeeded", amount: 10 } });
  });
});

describe("callbacks", () => {
  test("both URLs of a create are known for that attempt, and no other URL is", async () => {
    const letTimePass = holdGateway();
    const bearer = await token({ profile_id: "later-2" });
    const paying = post(bearer, "key-1");
    await vi.waitFor(() => expect(gateway.payments()).toHaveLength(1));
    const { urls } = JSON.parse(creates()[0]?.body ?? "{}") as { urls: { check_url: string; result_url: string } };
    const check = await exports.default.fetch(urls.check_url, { method: "POST" });
    expect([check.status, await check.json()]).toEqual([200, { status: "ok" }]);
    const other = await exports.default.fetch(urls.check_url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ order_id: order, amount: 99 }),
    });
    expect(await other.json()).toEqual({ status: "rejected" });
    const forged = await exports.default.fetch(`${urls.result_url.slice(0, -4)}AAAA`, { method: "POST" });
    expect(forged.status).toBe(404);
    await forged.body?.cancel();
    letTimePass();
    await (await paying).json();
    const late = await exports.default.fetch(urls.check_url, { method: "POST" });
    expect(await late.json()).toEqual({ status: "rejected" });
  });
});

describe("the rows", () => {
  /** The order's row, and the alarm of its shard. */
  function stored(): Promise<{ readonly record: ChargeRecord; readonly due: number | null; readonly alarm: number | null }> {
    return runInDurableObject(object(), async (_, { storage }) => {
      const { record, due } = storage.sql
        .exec<{ record: string; due: number | null }>("SELECT record, due FROM record WHERE order_id = ?", order)
        .one();
      return { record: JSON.parse(record) as ChargeRecord, due, alarm: await storage.getAlarm() };
    });
  }

  test("the alarm is the earliest deadline, and every undecided attempt has one", async () => {
    const letTimePass = holdGateway();
    const paying = post(await token({ profile_id: "later-2" }), "key-1");
    await vi.waitFor(() => expect(gateway.payments()).toHaveLength(1));
    const { alarm, due } = await stored();
    expect(due).toBeGreaterThanOrEqual(Date.now() - 60_000);
    expect(alarm).toBeLessThanOrEqual(due ?? 0);
    letTimePass();
    await (await paying).json();
    const updatedAt = (await stored()).record.updatedAt ?? 0;
    await vi.waitFor(async () => expect((await stored()).due).toBe(Math.ceil((updatedAt + 400 * DAY) / HOUR) * HOUR));
  });

  test("an alarm that fails does not throw, and is set again", async () => {
    await (await post(await token(), "key-1")).json();
    const errorLog = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const nextAlarm = await runInDurableObject(object(), async (charge, state) => {
      state.storage.sql.exec("UPDATE record SET record = '{', due = 1 WHERE order_id = ?", order);
      await (charge as unknown as { alarm(): Promise<void> }).alarm();
      return state.storage.getAlarm();
    });
    expect(nextAlarm).toBeGreaterThan(Date.now());
    expect(errorLog).toHaveBeenCalled();
  });
});
