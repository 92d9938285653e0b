import { describe, expect, test, vi } from "vitest";
import type { SignNotificationOptions } from "../../src/notification.ts";
import { isNotificationSecret, MAX_NOTIFICATION, signNotification, verifyNotification } from "../../src/notification.ts";

const SECRET = `whsec_${btoa("test-secret-of-notifications")}`;
const NOW = new Date("2026-11-22T10:00:00Z");
const CONTENT = {
  type: "charge.succeeded",
  timestamp: "2026-11-22T09:59:58.123Z",
  data: { order_id: "1234", status: "succeeded", sequence: 1 },
};

async function signed(body: string, secret: string = SECRET): Promise<Request> {
  const headers = await signNotification(body, { id: "1234-1", secret, now: NOW });
  return new Request("https://shop.example/notifications", { method: "POST", headers, body });
}

describe("The error text of signNotification", () => {
  test.each<[string, Partial<SignNotificationOptions>, string]>([
    ["for an invalid id", { id: "a.1" }, "id must be 1 to 255 visible ASCII characters without a full stop"],
    ["for an invalid date", { now: new Date(Number.NaN) }, "now must be a date after 1970"],
    ["for a list without a secret", { secret: [] }, "there must be a notification secret"],
    ["for an invalid secret", { secret: "x" }, "a notification secret must be whsec_ and the base64 of 24 to 64 bytes"],
    [
      "for an unset secret",
      { secret: undefined as unknown as string },
      "a notification secret must be whsec_ and the base64 of 24 to 64 bytes",
    ],
  ])("%s", async (_, wrong, message) => {
    await expect(signNotification("{}", { id: "1", secret: SECRET, now: NOW, ...wrong })).rejects.toMatchObject({ message });
  });

  test("for a body that is not a text", async () => {
    await expect(signNotification({} as unknown as string, { id: "1", secret: SECRET })).rejects.toMatchObject({
      message: "the body must be the text that is sent",
    });
  });
});

describe("The error text of verifyNotification", () => {
  const notValid = "the notification is not valid: ";

  test.each([
    ["for a number", 5, "its body is not a JSON object"],
    ["for a time that is a number", { ...CONTENT, timestamp: 2026 }, "its timestamp is not a time"],
  ])("%s", async (_, content, why) => {
    const error: unknown = await verifyNotification(await signed(JSON.stringify(content)), SECRET, { now: NOW }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ message: `${notValid}${why}` });
    expect(Object.hasOwn(error as Error, "cause")).toBe(false);
  });

  test("for a value that is not a Request", async () => {
    await expect(verifyNotification("{}" as unknown as Request, SECRET)).rejects.toMatchObject({
      message: "the request must be a Request",
    });
  });

  test("for a request without a body", async () => {
    const headers = await signNotification("", { id: "1234-1", secret: SECRET, now: NOW });
    const request = new Request("https://shop.example/notifications", { method: "POST", headers });
    await expect(verifyNotification(request, SECRET, { now: NOW })).rejects.toMatchObject({
      message: `${notValid}its body is not JSON in UTF-8`,
    });
  });

  test("for another secret", async () => {
    const other = `whsec_${btoa("test-secret-of-somebody-else")}`;
    await expect(verifyNotification(await signed(JSON.stringify(CONTENT)), other, { now: NOW })).rejects.toMatchObject({
      message: "no signature of the notification matches this body and this secret",
    });
  });
});

test("A notification is read where a Request has no member body, as in Firefox", async () => {
  const request = Object.defineProperty(await signed(JSON.stringify(CONTENT)), "body", { value: undefined });
  expect(await verifyNotification(request, SECRET, { now: NOW })).toEqual({ id: "1234-1", ...CONTENT });
});

test("A body may have 1 MiB", () => {
  expect(MAX_NOTIFICATION).toBe(1_048_576);
});

test("A secret is a text, not a list of one text", () => {
  expect(isNotificationSecret([SECRET] as unknown as string)).toBe(false);
});

test("An imported key cannot be exported", async () => {
  const spy = vi.spyOn(crypto.subtle, "importKey");
  try {
    // A key is kept, so it is one that no other test has.
    const secret = `whsec_${btoa("test-secret-not-imported-yet")}`;
    await verifyNotification(await signed(JSON.stringify(CONTENT), secret), secret, { now: NOW });
    expect(spy.mock.calls.map(([, , , extractable, usages]) => [extractable, usages])).toEqual([
      [false, ["sign"]],
      [false, ["verify"]],
    ]);
  } finally {
    spy.mockRestore();
  }
});
