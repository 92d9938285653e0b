import { expect, test } from "vitest";
import { clickAndLeave, expectPaidOnce, expectQuiet, heardByItself, openStand } from "./stand.ts";

/** How often the edge is killed while it looks. Each time the look is taken for lost after 25 seconds. */
const KILLS = 4;

test("an edge that is killed in every look that its alarm began looks again, by itself", async (context) => {
  const stand = await openStand(context);
  clickAndLeave(stand, "order-1");
  await stand.gateway.next("heard", "payment.create", stand.edge.kill);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const killed = stand.gateway.next("heard", "payment.status", stand.edge.kill);
    await stand.edge.start();
    await killed;
  }
  await stand.edge.start();
  await heardByItself(stand, "payment.status", Date.now());
  await expectPaidOnce(stand, "order-1");
  expect(stand.gateway.calls("payment.create")).toHaveLength(1);
  expectQuiet(stand);
});
