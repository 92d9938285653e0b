/**
 * Every official sample of an answer, from the gateway through the whole edge to the charge's status. The gateway is a mock that answers
 * with the sample. Only its ids and its date are replaced by those of the order.
 */
import { runDurableObjectAlarm } from "cloudflare:test";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { MerchantChargeView } from "../../src/edge-api.ts";
import type { OfficialSample } from "../samples/official-samples.ts";
import { OFFICIAL_SAMPLES, sampleNamed, sampleText } from "../samples/official-samples.ts";
import { apiKey, get, object, operate, order, post, token } from "./with-gateway.ts";

/** An answer: the sample with that name, or none because the connection breaks. */
type Answer = string | "lost";

interface GatewayCall {
  readonly action: string;
  readonly requestId: string;
  readonly body: string;
}

/** The samples that this file has used. */
const sent = new Set<string>();

let answers: Record<string, Answer> = {};
let gatewayCalls: GatewayCall[] = [];
/** Milliseconds by which the clock was advanced. */
let clockOffset = 0;

const usedSamples = { payment_id: "", row_id: "", created_at: "" };
const clock = Date.now.bind(Date);

const callsOf = (action: string): readonly GatewayCall[] => gatewayCalls.filter((call) => call.action === `gateway.${action}`);

/** The sample with the order's ids. The sample of a payment before its refund is that of the refunded payment without its row. */
function textOf(sample: OfficialSample, requestId: string, isRefunded: boolean): string {
  const text = sampleText(sample, { ...usedSamples, order_id: order, request_id: requestId });
  return isRefunded ? text : text.replace(/,"refund_payments":\[[^\]]*\]/, "");
}

async function gatewayAnswers(request: Request): Promise<Response> {
  const action = request.headers.get("X-Action") ?? "";
  const call = { action, requestId: request.headers.get("X-Request-Id") ?? "", body: await request.text() };
  gatewayCalls.push(call);
  const [name = "lost", without] = (answers[action.replace("gateway.", "")] ?? "lost").split(", ");
  if (name === "lost") throw new TypeError("Network connection lost.");
  const sample = sampleNamed(name);
  expect(sample.action).toBe(action);
  sent.add(name);
  const about = action === "gateway.request.status" ? (JSON.parse(call.body) as { readonly id: string }).id : call.requestId;
  const headers = { "Content-Type": "application/json", "X-Request-Id": call.requestId };
  return new Response(textOf(sample, about, without === undefined), { status: sample.httpStatus, headers });
}

beforeEach(() => {
  answers = {};
  gatewayCalls = [];
  clockOffset = 0;
  usedSamples.payment_id = crypto.randomUUID();
  usedSamples.row_id = crypto.randomUUID();
  usedSamples.created_at = new Date(clock()).toISOString().replace("Z", "188524Z");
  vi.spyOn(Date, "now").mockImplementation(() => clock() + clockOffset);
  vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => gatewayAnswers(new Request(input, init)));
});

async function view(): Promise<MerchantChargeView> {
  return (await get(apiKey)).json();
}

/** Advances the clock and runs alarms until the condition holds. At the end it asserts it. */
async function runAlarmUntilTrue(
  isSo: (charge: MerchantChargeView) => boolean,
  isOver: () => boolean = () => true,
): Promise<MerchantChargeView> {
  let charge = await view();
  for (let runs = 0; runs < 40 && !(isSo(charge) && isOver()); runs += 1) {
    clockOffset += 1000;
    await runDurableObjectAlarm(object());
    await new Promise((resolve) => setTimeout(resolve, 5));
    charge = await view();
  }
  return charge;
}

/** Clicks. The status of the charge after the gateway was read; it must be the same half a minute later. */
async function clicked(more: Readonly<Record<string, Answer>>, status: string, autoClearing = true): Promise<MerchantChargeView> {
  answers = { ...answers, ...more };
  let isAnswered = false;
  const click = post(await token({ amount: 100, auto_clearing: autoClearing }), "key-1").then(async (response) => {
    await response.body?.cancel();
    isAnswered = true;
  });
  await vi.waitFor(() => expect(callsOf("payment.create").length).toBeGreaterThan(0));
  const isRead = (): boolean => callsOf("payment.status").length > 0 || status === "failed";
  const charge = await runAlarmUntilTrue((now) => now.status === status, isRead);
  expect(charge.status).toBe(status);
  // A click is answered when its charge is decided, or with the next change after ten seconds.
  await runAlarmUntilTrue(() => isAnswered);
  await click;
  clockOffset += 30_000;
  const later = await runAlarmUntilTrue((now) => now.status === status);
  expect(later.status).toBe(status);
  return later;
}

/** The status after a read of the payment, by the sample's name. Two-step samples belong to orders with auto_clearing false. */
const READS: Readonly<Record<string, { readonly status: string; readonly holds?: true; readonly charge: object }>> = {
  "read: process": { status: "processing", charge: { needs: null, failure: null } },
  "read: approved": { status: "authorized", holds: true, charge: { cleared_amount: 0, approval_code: "064219", brand: "visa" } },
  "read: success": { status: "refunded", charge: { cleared_amount: 100, refunded_amount: 100 } },
  "read: reversed": { status: "reversed", holds: true, charge: { cleared_amount: 0, refunded_amount: 0 } },
  "read: error": { status: "failed", charge: { failure: { category: "declined", retry: "other_card" } } },
  "read: waiting_3ds": { status: "processing", charge: { needs: "bank_confirmation" } },
};

describe("a first attempt whose create is answered `process`", () => {
  test.each(Object.entries(READS))("then %s", async (name, { status, holds, charge }) => {
    const shown = await clicked({ "payment.create": "create: process", "payment.status": name }, status, holds !== true);
    expect(shown).toMatchObject({ ...charge, payment_id: usedSamples.payment_id, attempt: 1 });
    expect(callsOf("payment.create")).toHaveLength(1);
  });

  test("then the reads find nothing: the attempt stays undecided, because the gateway named a payment", async () => {
    const shown = await clicked({ "payment.create": "create: process", "payment.status": "read: nothing" }, "processing");
    expect(shown.payment_id).toBe(usedSamples.payment_id);
    expect(callsOf("payment.create")).toHaveLength(1);
  });

  test("then paid, and not refunded yet: succeeded", async () => {
    const shown = await clicked({ "payment.create": "create: process", "payment.status": "read: success, not refunded" }, "succeeded");
    expect(shown).toMatchObject({ cleared_amount: 100, refunded_amount: 0 });
  });
});

describe.each([
  ["was lost", "lost"],
  ["was {}", "create: nothing"],
] as const)("a first attempt whose create's answer %s", (_, create) => {
  test.each(Object.entries(READS))("and that is found by %s", async (name, { status, holds, charge }) => {
    const reads = { "request.status": "request: process", "payment.status": name };
    const shown = await clicked({ "payment.create": create, ...reads }, status, holds !== true);
    expect(shown).toMatchObject({ ...charge, payment_id: usedSamples.payment_id, attempt: 1 });
    expect(callsOf("payment.create")).toHaveLength(1);
  });

  test("and whose read by order_id alone is a decline: failed", async () => {
    const shown = await clicked({ "payment.create": create, "request.status": "lost", "payment.status": "read: error" }, "failed");
    expect(shown).toMatchObject({ failure: { category: "declined" }, payment_id: usedSamples.payment_id });
  });

  test.each(["request: process", "request: approved", "request: success"])(
    "and of which only the request is found, as %s: nothing is sent again before a read",
    async (name) => {
      const reads = { "request.status": name, "payment.status": "read: nothing" };
      const shown = await clicked({ "payment.create": create, ...reads }, "processing");
      expect(shown).toMatchObject({ payment_id: usedSamples.payment_id, cleared_amount: 0 });
      expect(callsOf("payment.create")).toHaveLength(1);
    },
  );

  test("and that was never seen: the same bytes are sent once more under the same X-Request-Id, and the payment is found", async () => {
    answers = { "request.status": "request: never seen", "payment.status": "read: nothing" };
    answers["payment.create"] = create;
    const click = post(await token({ amount: 100, auto_clearing: false }), "key-1");
    await vi.waitFor(() => expect(callsOf("payment.create")).toHaveLength(1));
    answers["payment.create"] = "create: process";
    await runAlarmUntilTrue(() => callsOf("payment.create").length > 1);
    const [first, second, ...more] = callsOf("payment.create");
    expect(second).toEqual(first);
    expect(more).toEqual([]);
    answers["payment.status"] = "read: approved";
    expect((await runAlarmUntilTrue(({ status }) => status === "authorized")).status).toBe("authorized");
    await (await click).body?.cancel();
    expect(callsOf("payment.create")).toHaveLength(2);
  });
});

describe("a first attempt whose create is answered with an error", () => {
  test.each([
    ["create: error", { category: "declined", retry: "other_card" }],
    ["create: a bare error under 422", { category: "configuration", retry: "none" }],
    ["create: a bare error under 200", { category: "configuration", retry: "none" }],
    ["create: a wrong signature", { category: "configuration", retry: "none" }],
  ])("%s: failed", async (name, failure) => {
    const shown = await clicked({ "payment.create": name, "payment.status": "read: nothing" }, "failed");
    expect(shown).toMatchObject({ failure, cleared_amount: 0 });
    expect(callsOf("payment.create")).toHaveLength(1);
  });
});

describe("an operation", () => {
  test.each([
    ["clearing", "read: approved", "read: success", "refunded"],
    ["reverse", "read: approved", "read: reversed", "reversed"],
    ["refund", "read: success, not refunded", "read: success", "refunded"],
  ] as const)("%s is accepted, and done by the read that follows", async (kind, before, after, status) => {
    const holds = before === "read: approved";
    await clicked({ "payment.create": "create: process", "payment.status": before }, holds ? "authorized" : "succeeded", !holds);
    answers[`payment.${kind}`] = kind;
    const answer = operate(kind, "operation-1");
    await vi.waitFor(() => expect(callsOf(`payment.${kind}`)).toHaveLength(1));
    answers["payment.status"] = after;
    const done = await runAlarmUntilTrue(({ operations }) => operations[0]?.state === "done");
    expect(done).toMatchObject({ status, operations: [{ kind, state: "done" }] });
    await (await answer).body?.cancel();
    expect(callsOf(`payment.${kind}`)).toHaveLength(1);
  });
});

test("every official sample is used", () => {
  expect([...sent].sort()).toEqual(OFFICIAL_SAMPLES.map(({ name }) => name).sort());
});
