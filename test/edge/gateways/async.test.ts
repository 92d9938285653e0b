/** Calls of v5, against the simulator, which verifies every signature with a key of its own. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { GatewayPort } from "../../../edge/gateways/gateway-port.ts";
import { gatewayPort } from "../../../edge/gateways/gateway-port.ts";
import { createRecurrentPayment, paymentStatus } from "../../../src/payment.ts";
import { requestId } from "../../../src/request-id.ts";
import type { Simulator } from "../../../src/simulator/index.ts";
import { createSimulator } from "../../../src/simulator/index.ts";

const SETTINGS = { gatewayUrl: "https://test-api.freedompay.kz", merchantId: "999999" } as const;
const PAYMENT = {
  amount: 10,
  currency: "KZT",
  description: "Test order",
  order_id: "1234",
  user_id: "12345",
  auto_clearing: true,
  user_ip: "192.0.2.1",
  profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
} as const;

let gateway: Simulator;

beforeEach(() => {
  gateway = createSimulator({ merchantId: "999999", secretKeys: ["test-secret"] });
  vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => gateway.fetch(new Request(input, init)));
});

afterEach(() => {
  gateway.close();
  vi.restoreAllMocks();
});

function portWith(...gatewayKeys: readonly [string, ...string[]]): GatewayPort {
  return gatewayPort({ ...SETTINGS, gatewayKeys });
}

function create(): ReturnType<typeof createRecurrentPayment> {
  return createRecurrentPayment(PAYMENT, requestId());
}

function read(): ReturnType<typeof paymentStatus> {
  return paymentStatus({ order_id: "1234" }, requestId());
}

test("a create is signed with the key of its number, and is not repeated with the other one", async () => {
  const port = portWith("test-secret-other", "test-secret");
  expect(await port.send(create(), 0)).toMatchObject({ kind: "refused", httpStatus: 401 });
  expect(fetch).toHaveBeenCalledOnce();
  expect(await port.send(create(), 1)).toMatchObject({ kind: "answered", answer: { amount: 10 } });
});

test("a call whose stored key was removed from the settings is signed with the first", async () => {
  expect(await portWith("test-secret").send(create(), 1)).toMatchObject({ kind: "answered" });
});

test("a read is signed with the first key, and after a refusal for it with the other one", async () => {
  await portWith("test-secret").send(create(), 0);
  expect(await portWith("test-secret-other", "test-secret").read(read())).toMatchObject({ kind: "answered", answer: { order_id: "1234" } });
});

test("a key that could not be imported is imported again by the next call", async () => {
  // No other test has this key: an imported one is kept.
  gateway.close();
  gateway = createSimulator({ merchantId: "999999", secretKeys: ["test-secret-imported-twice"] });
  const port = portWith("test-secret-imported-twice");
  vi.spyOn(crypto.subtle, "importKey").mockRejectedValueOnce(new Error("no memory"));
  await expect(port.send(create(), 0)).rejects.toThrow("no memory");
  expect(await port.send(create(), 0)).toMatchObject({ kind: "answered" });
});
