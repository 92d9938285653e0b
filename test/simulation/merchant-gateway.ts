/**
 * The Merchant API of the simulated gateway. Calls are signed by the package's own code, checked and answered by its simulator, and their
 * answers are verified and classified by the code under test.
 */
import { buildMerchantRequest, createMerchantGateway } from "../../src/merchant-api/client.ts";
import type { UnsignedMerchantCall } from "../../src/merchant-api/calls.ts";
import { MERCHANT_API_PATHS } from "../../src/merchant-api/paths.ts";
import type { CallOutcome, Fault, MerchantCall, ModelState, Plan, Reply } from "../../src/simulator/index.ts";
import { AnswerLost, merchantCallAt, readMerchantCall, receiveMerchantCall } from "../../src/simulator/index.ts";
import { errorOf, signedReply, unidentifiedReply } from "../../src/simulator/merchant-answers.ts";
import { responseOf } from "../../src/simulator/response.ts";
import type { GatewayOutcome } from "../../edge/machine/gateway-call.ts";
import type { Home } from "../../edge/machine/record.ts";
import type { Modules } from "./edge-modules.ts";
import type { CallFault } from "./scenario.ts";

/** Signatures do not cover the host, and the client takes only a known one. */
const KNOWN_URL = "https://api.freedompay.kz";

const FORGER = "another key";

/** A payment that nobody has. */
const NOBODYS = "4040404040";

/** The form of a call as it is sent. */
export function signedForm(call: UnsignedMerchantCall<unknown>, { merchantId }: Home, secretKey: string): Promise<string> {
  return buildMerchantRequest(createMerchantGateway({ url: KNOWN_URL, merchantId, secretKey }), call).text();
}

function scriptOf({ action }: UnsignedMerchantCall<unknown>): string {
  return MERCHANT_API_PATHS[action.name].split("/").at(-1) ?? "";
}

/** A call as the gateway reads it. Null: it does not identify the merchant, and answers with {@link notIdentified}. */
export function readForm(
  call: UnsignedMerchantCall<unknown>,
  form: string,
  { merchantId, secretKeys }: { readonly merchantId: string; readonly secretKeys: readonly string[] },
): MerchantCall | null {
  const path = MERCHANT_API_PATHS[call.action.name].replace("{merchant_id}", merchantId);
  const name = merchantCallAt(path, merchantId);
  if (name === null || form === "") throw new Error(`${call.action.name} was not signed in time, or the simulator does not answer it`);
  const read = readMerchantCall(name, path, form, { merchantId, secretKeys });
  return "name" in read ? read : null;
}

export function notIdentified(code: "1100" | "9998" = "1100"): Reply {
  return unidentifiedReply({ httpStatus: code === "1100" ? 401 : 200, code });
}

/** The gateway receives a call, with its fault. */
export function receiveForm(
  model: ModelState,
  call: MerchantCall,
  { now, fault, plan, twist }: { readonly now: number; readonly fault: Fault; readonly plan: Plan; readonly twist: CallFault["twist"] },
): CallOutcome {
  const outcome = receiveMerchantCall(model, call, now, fault, plan);
  if (twist === undefined || outcome.reply === null) return outcome;
  return { ...outcome, reply: TWISTS[twist](call, outcome.reply) };
}

/** The code of a payment that does not exist. */
const ABSENT = "<pg_error_code>11068</pg_error_code>";

const unsigned = (reply: Reply): Reply => ({ ...reply, body: reply.body.replace(/<pg_sig>.*<\/pg_sig>/, "") });

/** The answers that take the place of the true one. The forged ones nobody may believe. */
const TWISTS: Readonly<Record<NonNullable<CallFault["twist"]>, (call: MerchantCall, reply: Reply) => Reply>> = {
  unsigned: (_, reply) => unsigned(reply),
  "absent as 340": (call, reply) => (reply.body.includes(ABSENT) ? errorOf(call, "340") : reply),
  "absent, unsigned": (_, reply) => (reply.body.includes(ABSENT) ? unsigned(reply) : reply),
  "not identified": () => notIdentified("9998"),
  "forged success": (call) => signedReply({ ...call, secretKey: FORGER }, forgedSuccess(call)),
  "forged refusal": (call) => errorOf({ ...call, secretKey: FORGER }, "9992"),
  "foreign host": (call, reply) => openedAt(call, reply, (url) => url.replace("customer.freedompay.kz", "freedompay.kz.pages.example")),
  "http address": (call, reply) => openedAt(call, reply, (url) => url.replace("https:", "http:")),
  "another host of the gateway": (call, reply) => openedAt(call, reply, (url) => url.replace("customer.", "pay.")),
  "no address": (call, reply) => openedAt(call, reply, () => ""),
  "another number": (call, reply) => openedAt(call, reply, (url) => url, NOBODYS),
  "no tokens": (call, reply) => withoutTokens(call, reply),
};

/** The answer with a page, with another address or number. Any other answer stays. */
function openedAt(call: MerchantCall, reply: Reply, change: (url: string) => string, number?: string): Reply {
  const [, url] = /<pg_redirect_url>(.*?)<\/pg_redirect_url>/.exec(reply.body) ?? [];
  const [, id = ""] = /<pg_payment_id>(.*?)<\/pg_payment_id>/.exec(reply.body) ?? [];
  return url === undefined ? reply : signedReply(call, { pg_status: "ok", pg_payment_id: number ?? id, pg_redirect_url: change(url) });
}

/** The list of cards without their tokens. */
function withoutTokens(call: MerchantCall, reply: Reply): Reply {
  const rows = [...reply.body.matchAll(/<card>(.*?)<\/card>/g)].map(([, row = ""]) =>
    Object.fromEntries(
      [...row.matchAll(/<(\w+)>([^<]*)<\/\1>/g)]
        .filter(([, name]) => name !== "pg_card_token")
        .map(([, name = "", value = ""]) => [name, value]),
    ),
  );
  return signedReply(call, { pg_status: "ok", card: rows });
}

/** What a forger would say: the payment succeeded, or the page is here. */
function forgedSuccess({ name, fields }: MerchantCall): Parameters<typeof signedReply>[1] {
  if (name === "initPayment")
    return { pg_status: "ok", pg_payment_id: NOBODYS, pg_redirect_url: "https://customer.freedompay.kz/pay.html?customer=forged" };
  if (name !== "getStatus") return { pg_status: "ok", pg_payment_id: NOBODYS };
  return {
    pg_status: "ok",
    pg_payment_id: fields["pg_payment_id"] ?? NOBODYS,
    pg_order_id: fields["pg_order_id"] ?? "1234",
    pg_payment_status: "success",
    pg_amount: "10",
    pg_currency: "KZT",
    pg_captured: "1",
  };
}

/** Classifies an answer by the code under test. Bodies are read by promises alone, so a run is reproducible. */
export async function classifyForm<Answer>(
  { merchantOutcome, merchantGateway }: Modules,
  call: UnsignedMerchantCall<Answer>,
  reply: Reply | null,
  secretKey: string,
): Promise<GatewayOutcome<Answer>> {
  const { outcomeOfMerchantResponse, outcomeOfMerchantThrow } = merchantOutcome;
  const signature = { script: scriptOf(call), secretKey };
  return merchantGateway.gatewayOutcome(
    reply === null ? outcomeOfMerchantThrow(new AnswerLost()) : await outcomeOfMerchantResponse(call.action, responseOf(reply), signature),
  );
}
