import { expect, test } from "vitest";
import { readNotification } from "../../../src/merchant-api/notification.ts";

/** A request whose body comes in parts. Firefox, which knows no `Request.body`, cannot have one. */
test("a notification whose body breaks off is not verified", async () => {
  const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new TypeError("cut")) });
  const request = new Request("https://edge.example/ticket-1", { method: "POST", body, duplex: "half" } as RequestInit);
  const notification = await readNotification(request, { kind: "result", secretKeys: ["test-secret-key"] });
  expect(notification).toEqual({ kind: "unverified", why: "unreadable", keyIndex: null });
});
