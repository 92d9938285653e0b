/** Calls of the Merchant API, against the simulator, which verifies every signature with an MD5 of its own. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { GatewayPort } from "../../../edge/gateways/gateway-port.ts";
import { gatewayPort } from "../../../edge/gateways/gateway-port.ts";
import { gatewayOutcome } from "../../../edge/gateways/merchant.ts";
import { MERCHANT_CALLS } from "../../../edge/machine/merchant-calls.ts";
import type { MerchantRefused } from "../../../src/merchant-api/outcome.ts";
import { readPaths } from "../../../src/merchant-api/paths.ts";
import { requestId } from "../../../src/request-id.ts";
import type { Simulator } from "../../../src/simulator/index.ts";
import { createSimulator } from "../../../src/simulator/index.ts";

const SETTINGS = { gatewayUrl: "https://test-api.freedompay.kz", merchantId: "999999" } as const;
const CHARGE = {
  terms: { amount: 1050, currency: "KZT", user_id: "12345", profile_id: "60144557", auto_clearing: true },
  description: "Test order",
  gatewayOrderId: "1234",
  userIp: "192.0.2.1",
  urls: null,
} as const;

let gateway: Simulator;

beforeEach(() => {
  gateway = createSimulator({ merchantId: "999999", secretKeys: ["test-secret"], merchantProfiles: { "1001": "decline-11068" } });
  vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => gateway.fetch(new Request(input, init)));
});

afterEach(() => {
  gateway.close();
  vi.restoreAllMocks();
});

function portWith(gatewayKeys: readonly [string, ...string[]], paths = ""): GatewayPort {
  return gatewayPort({ ...SETTINGS, gatewayKeys, merchantApiPaths: readPaths(paths) });
}

function scripts(): readonly string[] {
  return gateway.log.entries.filter(({ what }) => what === "request").map(({ url }) => url ?? "");
}

function create(profile_id = "60144557"): ReturnType<typeof MERCHANT_CALLS.create> {
  const id = requestId();
  return MERCHANT_CALLS.create(
    id,
    MERCHANT_CALLS.createBody({ ...CHARGE, terms: { ...CHARGE.terms, pay_with: "profile", save_card_months: null, profile_id } }, id),
  );
}

function read(): ReturnType<typeof MERCHANT_CALLS.payment> {
  return MERCHANT_CALLS.payment({ paymentId: null, orderId: "1234" }, true, requestId());
}

test("a create is accepted, and its payment is read in the words of v5", async () => {
  const port = portWith(["test-secret"]);
  expect(await port.send(create(), 0)).toMatchObject({ kind: "answered", answer: { status: "process", amount: "10.50" } });
  const payment = await port.read(read());
  expect(payment).toMatchObject({
    kind: "answered",
    answer: { order_id: "1234", status: "success", amount: "10.50", clearing: { cleared: true } },
  });
});

test("the salt of a call is its id without dashes", async () => {
  const call = create();
  await portWith(["test-secret"]).send(call, 0);
  const [entry] = gateway.log.entries;
  expect(new URLSearchParams(entry?.body).get("pg_salt")).toBe(call.requestId.replaceAll("-", ""));
});

test("a read whose key is not identified is repeated with the other key; a create is not", async () => {
  const port = portWith(["test-secret-other", "test-secret"]);
  await port.send(create(), 1);
  expect(await port.read(read())).toMatchObject({ kind: "answered" });
  expect(await port.send(create(), 0)).toMatchObject({ kind: "refused", isNotIdentified: true });
  expect(scripts()).toEqual(["/make_recurring_payment.php", "/get_status3.php", "/get_status3.php", "/make_recurring_payment.php"]);
});

test("a call whose stored key was removed from the settings is signed with the first", async () => {
  expect(await portWith(["test-secret"]).send(create(), 1)).toMatchObject({ kind: "answered" });
});

test("a payment that does not exist is absent", async () => {
  expect(await portWith(["test-secret"]).read(read())).toMatchObject({ kind: "refused", code: "11068", category: "not_found" });
});

test("MERCHANT_API_PATHS changes the path, and the script that is signed", async () => {
  const port = portWith(["test-secret"], '{"getStatus":"/get_status3"}');
  expect(await port.read(read())).toMatchObject({ kind: "refused", code: "11068" });
  expect(scripts()).toEqual(["/get_status3"]);
});

test("the failure code of a payment that exists never says that it does not", async () => {
  const port = portWith(["test-secret"]);
  await port.send(create("1001"), 0);
  const payment = await port.read(read());
  expect(payment).toMatchObject({ kind: "answered", answer: { status: "error" } });
  expect(payment.kind === "answered" ? payment.answer.error : null).toBeUndefined();
});

describe("an unsigned error", () => {
  const refused: MerchantRefused = {
    kind: "refused",
    httpStatus: 200,
    code: "10009",
    description: "text",
    category: "insufficient_funds",
    isSigned: false,
    isNotIdentified: false,
    paymentId: null,
  };

  test.each([
    ["insufficient_funds", "10009"],
    ["duplicate", "9991"],
    ["configuration", "9992"],
  ] as const)("could be anybody's: %s is unknown", (category, code) => {
    const unsigned = { ...refused, category, code };
    expect(gatewayOutcome(unsigned)).toEqual({ kind: "unknown", reason: "unverified", httpStatus: 200, retryAfter: null });
    expect(gatewayOutcome({ ...unsigned, isSigned: true })).toMatchObject({ kind: "refused", code });
  });

  test("counts where it says that the merchant was not identified, or that there is no such payment", () => {
    expect(gatewayOutcome({ ...refused, code: "1100", category: "configuration", isNotIdentified: true })).toMatchObject({
      kind: "refused",
    });
    expect(gatewayOutcome({ ...refused, code: "340", category: "not_found" })).toMatchObject({ kind: "refused", category: "not_found" });
  });
});
