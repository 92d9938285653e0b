import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MAX_NOTIFICATION, signNotification, verifyNotification } from "../../src/notification.ts";
import { cases } from "../length.ts";

const SECRET = `whsec_${btoa("test-secret-of-notifications")}`;
const OLD_SECRET = `whsec_${btoa("test-secret-from-before-rotation")}`;
const NOW = new Date("2026-11-22T10:00:00Z");

function content(description: string): string {
  return JSON.stringify({
    type: "charge.failed",
    timestamp: NOW.toISOString(),
    data: { order_id: "1", status: "failed", sequence: 2, description },
  });
}

beforeEach(() => {
  // The library knows no other present.
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
});

afterEach(() => {
  vi.useRealTimers();
});

test("the scheme's reference library verifies what is signed here, with either secret of two", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme" }), async (description) => {
      const body = content(description);
      const headers = await signNotification(body, { id: "1-2", secret: `${SECRET} ${OLD_SECRET}` });
      for (const secret of [SECRET, OLD_SECRET]) expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
      expect(() => new Webhook(SECRET).verify(`${body} `, headers)).toThrow("No matching signature");
    }),
    cases(50),
  );
});

test("what the scheme's reference library signs is verified here", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme" }), async (description) => {
      const body = content(description);
      const signature = new Webhook(SECRET).sign("1-2", NOW, body);
      const headers = { "webhook-id": "1-2", "webhook-timestamp": String(NOW.getTime() / 1000), "webhook-signature": signature };
      const request = new Request("https://shop.example/", { method: "POST", body, headers });
      expect(await verifyNotification(request, `${OLD_SECRET} ${SECRET}`)).toMatchObject({ id: "1-2", data: { description } });
    }),
    cases(50),
  );
});

test("what is too old or too early for the scheme's reference library is so here, to the second", async () => {
  const body = content("");
  for (const seconds of [-301, -300, 300, 301]) {
    const headers = await signNotification(body, { id: "1-2", secret: SECRET, now: new Date(NOW.getTime() + seconds * 1000) });
    const request = new Request("https://shop.example/", { method: "POST", body, headers });
    const theirs = ((): string => {
      try {
        new Webhook(SECRET).verify(body, headers);
        return "verified";
      } catch {
        return "refused";
      }
    })();
    const ours = await verifyNotification(request, SECRET).then(
      () => "verified",
      () => "refused",
    );
    expect({ seconds, result: ours }).toEqual({ seconds, result: theirs });
  }
});

/** A request whose body comes in parts. Firefox, which knows no `Request.body`, cannot have one. */
async function streamed(parts: Iterator<Uint8Array>, onCancel = (): void => undefined): Promise<Request> {
  const headers = await signNotification(content("по частям"), { id: "1-2", secret: SECRET });
  const body = new ReadableStream<Uint8Array>({
    pull(controller): void {
      const { done, value } = parts.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: onCancel,
  });
  return new Request("https://shop.example/", { method: "POST", headers, body, duplex: "half" } as RequestInit);
}

test("a body that arrives in parts is read whole, characters cut in two included", async () => {
  const bytes = new TextEncoder().encode(content("по частям"));
  const parts = Array.from(bytes, (byte) => Uint8Array.of(byte));
  expect((await verifyNotification(await streamed(parts.values()), SECRET)).data.description).toBe("по частям");
});

test("a body that breaks off is refused", async () => {
  function* broken(): Generator<Uint8Array> {
    yield new TextEncoder().encode('{"type":');
    throw new Error("cut");
  }
  const verified = verifyNotification(await streamed(broken()), SECRET);
  const message = "the notification is not valid: its body was cut off";
  await expect(verified).rejects.toMatchObject({ code: "notification_invalid", message, cause: { message: "cut" } });
});

test("of a body that never ends little more than 1 MiB is read", async () => {
  let pulled = 0;
  function* endless(): Generator<Uint8Array> {
    for (;;) {
      pulled += 65_536;
      yield new Uint8Array(65_536);
    }
  }
  const cancelled = vi.fn<() => void>();
  await expect(verifyNotification(await streamed(endless(), cancelled), SECRET)).rejects.toThrow("larger than 1 MiB");
  expect(cancelled).toHaveBeenCalledOnce();
  expect(pulled).toBeLessThan(MAX_NOTIFICATION + 4 * 65_536);
});

test("a body that somebody else is reading is refused as the receiver's mistake", async () => {
  const request = await streamed([].values());
  request.body?.getReader();
  await expect(verifyNotification(request, SECRET)).rejects.toMatchObject({ code: "input_invalid" });
});
