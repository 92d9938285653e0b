import { expect, test } from "vitest";
import { openTicket } from "../../edge/http/ticket.ts";
import { CALLBACK_KEY, hostileTicket } from "./forgery.ts";
import { tickets } from "./inputs.ts";

test.each(tickets)("a ticket, $name, opens $gets", async (line) => {
  expect((await openTicket("check", await hostileTicket(line), [CALLBACK_KEY]))?.orderId ?? null).toBe(line.gets);
});
