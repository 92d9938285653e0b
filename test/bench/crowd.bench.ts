import { expect, test } from "vitest";
import { crowd } from "../process/crowd.ts";
import { openStand, tokenFor } from "../process/stand.ts";
import { timed } from "./timed.ts";

const CLICKS = 1000;
const KEYS = 100;
const ORDERS = 200;

test("clicks at once on one order", async (context) => {
  const stand = await openStand(context);
  const { post, leave } = crowd(stand);
  context.onTestFinished(leave);
  const token = await tokenFor("order-1");
  const [answers, took] = await timed(() => Promise.all(Array.from({ length: CLICKS }, (_, index) => post(token, `key-${index % KEYS}`))));
  const count = (status: number): number => answers.filter((answer) => answer.status === status).length;
  expect(stand.gateway.calls("payment.create")).toHaveLength(1);
  console.log(
    `${CLICKS} clicks at once on one order, ${KEYS} keys: 1 create in ${Math.round(took)} ms; ` +
      `${count(201)} × 201, ${count(200)} × 200, ${count(429)} × 429`,
  );
});

test("orders at once, and the first answer after a restart", async (context) => {
  const stand = await openStand(context);
  const { post, leave } = crowd(stand);
  context.onTestFinished(leave);
  const tokens = await Promise.all(Array.from({ length: ORDERS }, (_, index) => tokenFor(`order-${index + 1}`)));
  const [, took] = await timed(() => Promise.all(tokens.map((token, index) => post(token, `key-${index}`))));
  await stand.edge.kill();
  const [, again] = await timed(async () => {
    await stand.edge.start();
    expect((await fetch(`${stand.edge.origin}/healthz`)).status).toBe(200);
  });
  console.log(
    `${ORDERS} orders at once: all answered in ${Math.round(took)} ms (${Math.round((ORDERS * 1000) / took)} a second); ` +
      `first answer ${Math.round(again)} ms after a start`,
  );
});
