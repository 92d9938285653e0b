import { expect, test } from "vitest";
import { readCallback } from "../../edge/http/callback/body.ts";
import { callbacks } from "./inputs.ts";
import { bytesOf, textOf } from "./recipe.ts";

test.each(callbacks.filter(({ gets }) => gets !== "body_too_large"))("a callback of $name is at most a hint", async (line) => {
  if (line.gets === "body_too_large") throw new Error("This one is for the Worker");
  const { shape, orderId, paymentId = null, amount = null, currency = null } = line.gets;
  const received = { contentType: line.contentType, body: bytesOf(line.input), query: textOf(line.query) };
  expect(await readCallback(received)).toMatchObject({
    shape,
    content: { orderId: orderId === undefined ? null : textOf(orderId), paymentId, amount, currency },
  });
});
