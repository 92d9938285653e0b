/** Every hostile answer of the gateway, given to the real Worker: it is recorded, decides nothing, and throws nothing. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { MerchantChargeView } from "../../src/edge-api.ts";
import { CHARGE } from "../edge/forged-token.ts";
import { callAsMerchant } from "../edge/over-http.ts";
import { gatewayAnswers } from "./inputs.ts";
import { bytesOf } from "./recipe.ts";

type Line = (typeof gatewayAnswers)[number];

/** One order for each answer. Edits need a payment first, so the simulation covers them. */
const LINES = gatewayAnswers.filter(({ action }) => action !== "refund").map((line, index) => ({ ...line, order: `hostile-${index}` }));

const ACTIONS: Readonly<Record<string, Line["action"]>> = {
  "gateway.payment.create": "create",
  "gateway.payment.status": "paymentStatus",
  "gateway.request.status": "requestStatus",
};

let errors: { readonly mock: { readonly calls: unknown[][] } };
const orderOfRequest = new Map<string, string>();
const callCounts = new Map<string, number>();

beforeEach(() => {
  vi.spyOn(console, "log").mockReturnValue();
  errors = vi.spyOn(console, "error").mockReturnValue();
  vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => answerOf(new Request(input, init)));
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function answerOf(request: Request): Promise<Response> {
  const action = ACTIONS[request.headers.get("X-Action") ?? ""] ?? "refund";
  const body: { readonly id?: string; readonly order_id?: string } = await request.json();
  const order = body.order_id ?? orderOfRequest.get(body.id ?? "");
  if (action === "create") orderOfRequest.set(request.headers.get("X-Request-Id") ?? "", order ?? "");
  const line = LINES.find((one) => one.order === order);
  if (line?.action !== action) return new Response(null, { status: 502 });
  callCounts.set(line.order, (callCounts.get(line.order) ?? 0) + 1);
  return new Response(line.input === null ? null : bytesOf(line.input), { status: line.status, headers: line.headers });
}

async function read(order: string): Promise<MerchantChargeView> {
  return (await callAsMerchant({ method: "GET", path: `/v1/charges/${order}` })).json();
}

/** The allowed statuses of a charge after the answer. Only a refusal without a payment id may decide. */
function statusesAfter({ action, gets }: Line): readonly string[] {
  const decides = action === "create" && gets[0] === "refused" && gets[2] !== "other" && gets[2] !== "not_found";
  return decides ? ["failed"] : ["processing", "unconfirmed"];
}

test("no answer decides more than it may", async () => {
  const posts = LINES.map(({ order }) =>
    callAsMerchant({
      body: JSON.stringify({ ...CHARGE, order_id: order, user_ip: "84.252.158.239" }),
      headers: { "CF-Connecting-IP": "198.51.100.7" },
    }),
  );
  await vi.waitFor(() => expect(LINES.filter(({ order }) => !callCounts.has(order)).map(({ name }) => name)).toEqual([]));
  await vi.waitFor(async () => {
    for (const line of LINES) {
      const { status, attempts } = await read(line.order);
      expect(statusesAfter(line), line.name).toContain(status);
      const end = attempts[0]?.sends[0];
      const [kind, said] = line.gets;
      const word = kind === "unknown" ? said : kind;
      if (line.action === "create") expect(end?.ended, line.name).toBe(word);
      if (line.action === "create" && kind === "refused") expect(end?.code, line.name).toBe(said);
    }
  });
  // An operator resolves the stuck ones, so that no POST waits for ten seconds.
  const body = JSON.stringify({ nothing_taken: true, note: "seen in the cabinet" });
  for (const { order } of LINES) await (await callAsMerchant({ path: `/v1/charges/${order}/resolve`, body })).arrayBuffer();
  for (const post of posts) {
    const response = await post;
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ cleared_amount: 0, refunded_amount: 0 });
  }
  for (const { order, name } of LINES) expect((await read(order)).status, name).toBe("failed");
  expect(errors.mock.calls).toEqual([]);
});
