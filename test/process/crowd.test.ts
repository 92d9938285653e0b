import { Agent, request } from "node:http";
import { describe, expect, test } from "vitest";
import type { ChargeView } from "../../src/edge-api.ts";
import type { Stand } from "./stand.ts";
import { AMOUNT, expectPaidOnce, expectQuiet, openStand, tokenFor } from "./stand.ts";

const CLICKS = 1000;
const KEYS = 100;
const ORDERS = 200;

/** Seconds that a crowd may take, on a machine that has other things to do. */
const PATIENCE = 45;

interface Answer {
  readonly status: number;
  readonly retryAfter: number | null;
  readonly body: string;
}

/** Posts of a crowd, each on a connection of its own unless one is free: as many as there are clicks. */
function crowd({ edge }: Stand): { post(token: string, key: string): Promise<Answer>; leave(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  return {
    post: (token, key) =>
      new Promise((resolve, reject) => {
        const headers = { Authorization: `Bearer ${token}`, "Idempotency-Key": key, "Content-Length": "0" };
        const asked = request(`${edge.origin}/v1/charges`, { method: "POST", agent, headers }, (answer) => {
          let body = "";
          answer.setEncoding("utf8");
          answer.on("data", (text: string) => (body += text));
          answer.once("error", reject);
          answer.once("end", () => {
            const retryAfter = answer.headers["retry-after"];
            resolve({ status: answer.statusCode ?? 0, retryAfter: retryAfter === undefined ? null : Number(retryAfter), body });
          });
        });
        asked.once("error", reject);
        asked.end();
      }),
    leave: () => agent.destroy(),
  };
}

/** Does something and says how long it took, in milliseconds. */
async function timed<Value>(work: () => Promise<Value>): Promise<readonly [Value, number]> {
  const began = performance.now();
  const value = await work();
  return [value, performance.now() - began];
}

describe("a crowd", () => {
  test(`${CLICKS} clicks at once on one order, under ${KEYS} keys: one create, and everybody is answered`, async (context) => {
    const stand = await openStand(context);
    const { post, leave } = crowd(stand);
    context.onTestFinished(leave);
    const token = await tokenFor("order-1");
    const [answers, took] = await timed(() =>
      Promise.all(Array.from({ length: CLICKS }, (_, index) => post(token, `key-${index % KEYS}`))),
    );
    const told = (status: number): Answer[] => answers.filter((answer) => answer.status === status);
    expect(told(200).length + told(201).length + told(429).length).toBe(CLICKS);
    expect(told(201)).toHaveLength(1);
    for (const { body } of [...told(200), ...told(201)]) {
      expect(JSON.parse(body)).toMatchObject({ status: "succeeded", attempt: 1, cleared_amount: AMOUNT } satisfies Partial<ChargeView>);
    }
    for (const { retryAfter } of told(429)) expect(retryAfter).toSatisfy((seconds: number) => seconds >= 1 && seconds <= 10);
    expect(stand.gateway.calls("payment.create")).toHaveLength(1);
    await expectPaidOnce(stand, "order-1");
    expectQuiet(stand);
    expect(took).toBeLessThan(PATIENCE * 1000);
    console.log(
      `${CLICKS} clicks at once on one order, ${KEYS} keys: 1 create in ${Math.round(took)} ms; ` +
        `${told(201).length} × 201, ${told(200).length} × 200, ${told(429).length} × 429`,
    );
  });

  test(`${ORDERS} orders at once: as many creates, all paid; and they are there after a restart`, async (context) => {
    const stand = await openStand(context);
    const { post, leave } = crowd(stand);
    context.onTestFinished(leave);
    const orders = Array.from({ length: ORDERS }, (_, index) => `order-${index + 1}`);
    const tokens = await Promise.all(orders.map((order) => tokenFor(order)));
    const [answers, took] = await timed(() => Promise.all(tokens.map((token, index) => post(token, `key-${index}`))));
    for (const { status, body } of answers) expect(status, body).toBe(201);
    expect(stand.gateway.calls("payment.create")).toHaveLength(ORDERS);
    expectQuiet(stand);
    expect(took).toBeLessThan(PATIENCE * 1000);

    await stand.edge.kill();
    const [, again] = await timed(async () => {
      await stand.edge.start();
      expect((await fetch(`${stand.edge.origin}/healthz`)).status).toBe(200);
    });
    expect(again).toBeLessThan(PATIENCE * 1000);
    for (const order of orders) await expectPaidOnce(stand, order);
    expect(stand.gateway.simulator.ledger().filter(({ kind }) => kind === "taken")).toHaveLength(ORDERS);
    console.log(
      `${ORDERS} orders at once: ${ORDERS} creates, all paid in ${Math.round(took)} ms (${Math.round((ORDERS * 1000) / took)} a second); ` +
        `first answer ${Math.round(again)} ms after a start`,
    );
  });
});
