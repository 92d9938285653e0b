import { describe, expect, test } from "vitest";
import { makeTicket, openTicket, ticketName } from "../../../edge/http/ticket.ts";

const KEY = "test-secret-callback-key-0123456789abcdef";
const OLD_KEY = "test-secret-callback-key-old-0123456789abcdef";

test("a ticket is order_id, nonce and an HMAC-SHA-256 over its purpose and them", async () => {
  // printf '%s' 'check|order-1.nonce_1' | openssl dgst -sha256 -hmac KEY -binary | basenc --base64url
  const name = ticketName("order-1", "nonce_1");
  expect(await makeTicket("check", name, [KEY])).toBe("order-1.nonce_1._X5IzG7bG110jah7sa0qpGnEzjY_XHGA2kILxJQBJAg");
  expect(await makeTicket("result", name, [KEY])).toBe("order-1.nonce_1.wjfvH71lOAfx1pZ4IHBOc5uHX74jEhdXRoawhY6jo98");
});

test("a ticket of one purpose is none of the other", async () => {
  const name = ticketName("1234");
  expect(await openTicket("check", await makeTicket("result", name, [KEY]), [KEY])).toBeNull();
  expect(await openTicket("result", await makeTicket("check", name, [KEY]), [KEY])).toBeNull();
});

test("its nonce is random if none is given", async () => {
  const tickets = await Promise.all(Array.from({ length: 20 }, () => makeTicket("check", ticketName("1234"), [KEY])));
  expect(new Set(tickets).size).toBe(20);
  for (const ticket of tickets) expect(ticket).toMatch(/^1234\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/);
});

test("a ticket verifies, and gives its order_id", async () => {
  const name = ticketName("a_b-C9");
  expect(await openTicket("result", await makeTicket("result", name, [KEY]), [KEY])).toEqual({ orderId: "a_b-C9", name });
});

test("a ticket verifies during a rotation of its key, and not after", async () => {
  const ticket = await makeTicket("check", ticketName("1234"), [OLD_KEY]);
  expect(await openTicket("check", ticket, [KEY, OLD_KEY])).toMatchObject({ orderId: "1234" });
  expect(await openTicket("check", ticket, [KEY])).toBeNull();
});

test("the first key signs", async () => {
  const ticket = await makeTicket("check", ticketName("1234"), [KEY, OLD_KEY]);
  expect(await openTicket("check", ticket, [KEY])).not.toBeNull();
  expect(await openTicket("check", ticket, [OLD_KEY])).toBeNull();
});

describe("nothing else verifies", async () => {
  const ticket = await makeTicket("check", ticketName("1234", "nonce"), [KEY]);
  const [, , mac = ""] = ticket.split(".");
  test.each([
    ["empty", ""],
    ["no nonce", `1234.${mac}`],
    ["another order", ticket.replace("1234", "1235")],
    ["another nonce", ticket.replace("nonce", "nonc3")],
    ["the border between order and nonce moved", `123.4nonce.${mac}`],
    ["a mac that is cut off", ticket.slice(0, -1)],
    ["a mac with extra bits at its end", ticket.slice(0, -1) + neighbour(ticket.slice(-1))],
    ["a mac in another base64 alphabet", `1234.nonce.${mac.replace(/[-_]/g, "+")}=`],
    ["text after it", `${ticket}.x`],
    ["an order_id of 41 characters", await makeTicket("check", ticketName("a".repeat(41)), [KEY])],
    ["an order_id of a later attempt", await makeTicket("check", ticketName("1234--2"), [KEY])],
    ["an order_id of other characters", await makeTicket("check", ticketName("12 34"), [KEY])],
    ["a very long text", `${"a".repeat(100_000)}.${ticket}`],
  ])("%s", async (_, text) => {
    expect(await openTicket("check", text, [KEY])).toBeNull();
  });
});

/** A character that differs in the last of its six bits. */
function neighbour(character: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return alphabet[alphabet.indexOf(character) ^ 1] ?? "";
}
