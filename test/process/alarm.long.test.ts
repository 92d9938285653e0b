import { expect, test } from "vitest";
import { clickWithoutWaiting, expectPaidOnce, expectCleanOutput, waitForOwnCall, startTestServer } from "./test-server.ts";

/** How often the edge is killed during a poll. Each such poll counts as lost after 25 seconds. */
const KILLS = 4;

test("an edge that is killed in every poll of its alarm polls again, without a request", async (context) => {
  const testServer = await startTestServer(context);
  clickWithoutWaiting(testServer, "order-1");
  await testServer.gateway.next("received", "payment.create", testServer.edge.kill);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const killed = testServer.gateway.next("received", "payment.status", testServer.edge.kill);
    await testServer.edge.start();
    await killed;
  }
  await testServer.edge.start();
  await waitForOwnCall(testServer, "payment.status", Date.now());
  await expectPaidOnce(testServer, "order-1");
  expect(testServer.gateway.calls("payment.create")).toHaveLength(1);
  expectCleanOutput(testServer);
});
