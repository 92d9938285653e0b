import { expect, test } from "vitest";
import { createAccounts, GUEST } from "../../demo/accounts.ts";
import { STORED_CARDS } from "../../demo/stored-cards.ts";

const profile = (profile_id: string, last4: string) => ({
  profile_id,
  expires_at: null,
  card: { brand: "visa", last4 },
  return_code: "code",
});

const requestWith = (cookie: string): Request => new Request("https://shop.example/", { headers: { cookie } });

test("a session is one customer's, and a request without one is a guest's", () => {
  const accounts = createAccounts();
  const [one, other] = [accounts.open(), accounts.open()].map((cookie) => cookie.split(";")[0] ?? "");
  const users = [one, other, `other=1; ${one}`].map((cookie) => accounts.userOf(requestWith(cookie ?? "")));
  expect(new Set(users).size).toBe(2);
  expect(users[2]).toBe(users[0]);
  for (const cookie of ["", "session=", "session=unknown", `xsession${one?.slice(7)}`])
    expect(accounts.userOf(requestWith(cookie))).toBe(GUEST);
  expect(accounts.open()).toContain("HttpOnly; SameSite=Lax");
});

test("a card is saved once, before the older ones, for its customer alone", () => {
  const accounts = createAccounts();
  accounts.attach("customer-1", profile("1", "1111"));
  accounts.attach("customer-1", profile("2", "2222"));
  accounts.attach("customer-1", profile("2", "2222"));
  const cards = accounts.cardsOf("customer-1");
  expect(cards.slice(0, 2).map(({ name, profileId, last4 }) => [name, profileId, last4])).toEqual([
    ["saved-2", "2", "2222"],
    ["saved-1", "1", "1111"],
  ]);
  expect(cards.slice(2)).toEqual(STORED_CARDS);
  expect(accounts.cardsOf("customer-2")).toEqual(STORED_CARDS);
});
