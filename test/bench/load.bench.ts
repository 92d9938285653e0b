import { expect, test } from "vitest";
import { createLoadClient } from "../process/load.ts";
import { startTestServer, tokenFor } from "../process/test-server.ts";
import { timed } from "./timed.ts";

const CLICKS = 1000;
const KEYS = 100;
const ORDERS = 200;

test("clicks at once on one order", async (context) => {
  const testServer = await startTestServer(context);
  const { post, close } = createLoadClient(testServer);
  context.onTestFinished(close);
  const token = await tokenFor("order-1");
  const [answers, took] = await timed(() => Promise.all(Array.from({ length: CLICKS }, (_, index) => post(token, `key-${index % KEYS}`))));
  const count = (status: number): number => answers.filter((answer) => answer.status === status).length;
  expect(testServer.gateway.calls("payment.create")).toHaveLength(1);
  console.log(
    `${CLICKS} clicks at once on one order, ${KEYS} keys: 1 create in ${Math.round(took)} ms; ` +
      `${count(201)} × 201, ${count(200)} × 200, ${count(429)} × 429`,
  );
});

test("orders at once, and the first answer after a restart", async (context) => {
  const testServer = await startTestServer(context);
  const { post, close } = createLoadClient(testServer);
  context.onTestFinished(close);
  const tokens = await Promise.all(Array.from({ length: ORDERS }, (_, index) => tokenFor(`order-${index + 1}`)));
  const [, took] = await timed(() => Promise.all(tokens.map((token, index) => post(token, `key-${index}`))));
  await testServer.edge.kill();
  const [, again] = await timed(async () => {
    await testServer.edge.start();
    expect((await fetch(`${testServer.edge.origin}/healthz`)).status).toBe(200);
  });
  console.log(
    `${ORDERS} orders at once: all answered in ${Math.round(took)} ms (${Math.round((ORDERS * 1000) / took)} a second); ` +
      `first answer ${Math.round(again)} ms after a start`,
  );
});
