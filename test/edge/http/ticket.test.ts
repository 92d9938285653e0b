import { describe, expect, test } from "vitest";
import { makeTicket, openTicket } from "../../../edge/http/ticket.ts";

const KEY = "test-secret-callback-key-0123456789abcdef";
const OLD_KEY = "test-secret-callback-key-old-0123456789abcdef";

test("a ticket is order_id, nonce and their HMAC-SHA-256", async () => {
  // printf '%s' 'order-1.nonce_1' | openssl dgst -sha256 -hmac KEY -binary | basenc --base64url
  expect(await makeTicket("order-1", [KEY], "nonce_1")).toBe("order-1.nonce_1.D_k8nwWsvhYSSuWYUW1AiKYza8wFqlaxZHb9dOwvw1o");
});

test("its nonce is random if none is given", async () => {
  const tickets = await Promise.all(Array.from({ length: 20 }, () => makeTicket("1234", [KEY])));
  expect(new Set(tickets).size).toBe(20);
  for (const ticket of tickets) expect(ticket).toMatch(/^1234\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/);
});

test("a ticket verifies, and gives its order_id", async () => {
  expect(await openTicket(await makeTicket("a_b-C9", [KEY]), [KEY])).toEqual({ orderId: "a_b-C9" });
});

test("a ticket verifies during a rotation of its key, and not after", async () => {
  const ticket = await makeTicket("1234", [OLD_KEY]);
  expect(await openTicket(ticket, [KEY, OLD_KEY])).toEqual({ orderId: "1234" });
  expect(await openTicket(ticket, [KEY])).toBeNull();
});

test("the first key signs", async () => {
  const ticket = await makeTicket("1234", [KEY, OLD_KEY]);
  expect(await openTicket(ticket, [KEY])).not.toBeNull();
  expect(await openTicket(ticket, [OLD_KEY])).toBeNull();
});

describe("nothing else verifies", async () => {
  const ticket = await makeTicket("1234", [KEY], "nonce");
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
    ["an order_id of 41 characters", await makeTicket("a".repeat(41), [KEY])],
    ["an order_id of a later attempt", await makeTicket("1234--2", [KEY])],
    ["an order_id of other characters", await makeTicket("12 34", [KEY])],
    ["a very long text", `${"a".repeat(100_000)}.${ticket}`],
  ])("%s", async (_, text) => {
    expect(await openTicket(text, [KEY])).toBeNull();
  });
});

/** A character that differs in the last of its six bits. */
function neighbour(character: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return alphabet[alphabet.indexOf(character) ^ 1] ?? "";
}
