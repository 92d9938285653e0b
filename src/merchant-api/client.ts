/** One call of the Merchant API in three parts: build and sign a Request, send it, read and verify the Response (docs/merchant-api.md, "Calls"). */
import { FreedomPayError } from "../errors.ts";
import type { SendOptions } from "../gateway.ts";
import { CALL_TIMEOUT, isGatewayUrl } from "../gateway.ts";
import { keysOf } from "../lib/key-setting.ts";
import { sendWith } from "../lib/sending.ts";
import { timeLimit } from "../lib/time-limit.ts";
import type { UnsignedMerchantCall } from "./calls.ts";
import type { MerchantOutcome } from "./outcome.ts";
import { outcomeOfMerchantResponse, outcomeOfMerchantThrow } from "./outcome.ts";
import type { MerchantApiPaths } from "./paths.ts";
import { MERCHANT_API_PATHS, pathOf } from "./paths.ts";
import { scriptOf, SIGNATURE_FIELD, signFields } from "./signature.ts";

/** A gateway and the merchant that signs. */
export interface MerchantGateway {
  /** An origin, such as `https://api.freedompay.kz`. */
  readonly url: string;
  readonly merchantId: string;
  readonly secretKey: string;
  readonly paths: MerchantApiPaths;
}

/** Options of {@link createMerchantGateway}. */
export interface MerchantGatewayOptions {
  /** A known host over https, or a loopback address over http: see `isGatewayUrl`. */
  readonly url: string;
  /** The merchant's number: a string of digits. */
  readonly merchantId: string;
  /** The merchant's secret_key. The first of two keys separated by white space signs. */
  readonly secretKey: string;
  /** Default: {@link MERCHANT_API_PATHS}. `readPaths` makes one from a setting. */
  readonly paths?: MerchantApiPaths | undefined;
}

/**
 * Checks the options of a gateway.
 *
 * @throws {@link FreedomPayError} `input_invalid` for another URL or merchant id, `key_invalid` for an empty key.
 */
export function createMerchantGateway(options: MerchantGatewayOptions): MerchantGateway {
  const { url, merchantId, paths = MERCHANT_API_PATHS } = options;
  if (!isGatewayUrl(url)) {
    throw new FreedomPayError("input_invalid", "the gateway's URL must be a known Freedom Pay host over https, or loopback over http");
  }
  if (typeof merchantId !== "string" || !/^\d{1,20}$/.test(merchantId)) {
    throw new FreedomPayError("input_invalid", "the merchant id must be a string of digits");
  }
  const [secretKey] = keysOf(options.secretKey, "the secret key");
  if (secretKey === "") throw new FreedomPayError("key_invalid", "the secret key must not be empty");
  return { url: new URL(url).origin, merchantId, secretKey, paths };
}

/** Signs a call and builds its Request. Redirects are not followed, because the signature covers one path. */
export function buildMerchantRequest(gateway: MerchantGateway, { action, requestId, body }: UnsignedMerchantCall<unknown>): Request {
  const url = gateway.url + pathOf(gateway.paths, action.name, gateway.merchantId);
  const form = new URLSearchParams(body);
  form.append("pg_merchant_id", gateway.merchantId);
  form.append("pg_salt", requestId.replaceAll("-", ""));
  const fields = [...form].map(([name, value]) => ({ name, value }));
  form.append(SIGNATURE_FIELD, signFields(scriptOf(url), fields, gateway.secretKey));
  const headers = { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/xml, text/xml" };
  return new Request(url, { method: "POST", headers, body: form.toString(), redirect: "manual" });
}

/**
 * Builds, sends and reads one call, once.
 *
 * @returns The outcome. Errors of the gateway or the network never throw.
 */
export async function callMerchantGateway<Answer>(
  gateway: MerchantGateway,
  call: UnsignedMerchantCall<Answer>,
  options: SendOptions = {},
): Promise<MerchantOutcome<Answer>> {
  const request = buildMerchantRequest(gateway, call);
  const { signal, clear } = timeLimit(options.timeout ?? CALL_TIMEOUT, options.signal);
  const signature = { script: scriptOf(request.url), secretKey: gateway.secretKey };
  try {
    return await outcomeOfMerchantResponse(call.action, await sendWith(request, signal, options.fetch), signature, signal);
  } catch (error) {
    return outcomeOfMerchantThrow(error, signal);
  } finally {
    clear();
  }
}
