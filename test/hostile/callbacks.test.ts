import { expect, test } from "vitest";
import { readCallback } from "../../edge/callback-body.ts";
import { callbacks } from "./inputs.ts";
import { bytesOf, textOf } from "./recipe.ts";

test.each(callbacks.filter(({ gets }) => gets !== "body_too_large"))("a callback of $name is a hint at most", async (line) => {
  if (line.gets === "body_too_large") throw new Error("This one is for the Worker");
  const { shape, orderId, paymentId = null, amount = null, currency = null } = line.gets;
  const started = performance.now();
  expect(await readCallback(line.contentType, bytesOf(line.input))).toEqual({
    shape,
    said: { orderId: orderId === undefined ? null : textOf(orderId), paymentId, amount, currency },
  });
  expect(performance.now() - started).toBeLessThan(1_000);
});
