import { isPaid, press, tokenFor } from "./shop";

test("an order is paid", async () => {
  const order_id = process.env["ORDER_ID"] ?? "";
  expect(await press(await tokenFor(order_id))).toBe(201);
  expect(await isPaid(order_id)).toBe(true);
});
