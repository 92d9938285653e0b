/** Classifies the end of a call of the Merchant API: answered, refused or unknown (docs/merchant-api.md, "Answers"). */
import { discardBody, readBody, reasonOfStatus } from "../lib/response-body.ts";
import type { Answered, Refused, Unknown } from "../outcome.ts";
import { outcomeOfThrow, retryAfter } from "../outcome.ts";
import type { MerchantAction } from "./calls.ts";
import type { Field, FieldValue } from "./field.ts";
import { fieldRecord } from "./field.ts";
import { CODE, isNotIdentified, merchantCategoryOf } from "./refusal.ts";
import { verifyFields } from "./signature.ts";
import { MAX_ANSWER, readXml } from "./xml.ts";

/** The gateway answered with an error. Only {@link provesUntaken} of refusal.ts says that it did nothing. */
export interface MerchantRefused extends Refused {
  /** Whether the error is signed with the call's script and key. */
  readonly isSigned: boolean;
  /** Whether the gateway did not identify the merchant: the key may be the wrong one. */
  readonly isNotIdentified: boolean;
  /** The payment that the error names. */
  readonly paymentId: string | null;
}

/**
 * It is unknown whether the gateway acted. Reasons of this API:
 * - `not_xml`: anything but XML with the root `<response>`, such as a firewall's page.
 * - `odd_xml`: XML that is neither an answer nor an error of this call.
 * - `unverified`: an answer whose `pg_sig` is wrong, or that is not signed and not an error.
 */
export interface MerchantUnknown extends Omit<Unknown, "reason"> {
  readonly reason: Exclude<Unknown["reason"], "not_json" | "odd_json"> | "not_xml" | "odd_xml" | "unverified";
}

/** The end of a call. */
export type MerchantOutcome<Answer> = Answered<Answer> | MerchantRefused | MerchantUnknown;

/** What the answer to a call must be signed with. */
export interface AnswerSignature {
  /** The script of the path that was called. */
  readonly script: string;
  readonly secretKey: string;
}

/**
 * Classifies a response. Its body is always read to the end or cancelled. Never throws.
 *
 * @param signal The signal of the call. It also stops the reading.
 */
export async function outcomeOfMerchantResponse<Answer>(
  action: MerchantAction<Answer>,
  response: Response,
  signature: AnswerSignature,
  signal?: AbortSignal,
): Promise<MerchantOutcome<Answer>> {
  const { status } = response;
  const reason = reasonOfStatus(response);
  if (reason !== null) {
    await discardBody(response);
    return unknown(reason, status === 0 ? null : status, retryAfter(response.headers));
  }
  let bytes: Uint8Array | null;
  try {
    bytes = await readBody(response, signal);
  } catch (error) {
    return { ...outcomeOfMerchantThrow(error, signal), httpStatus: status };
  }
  const document = bytes === null ? null : readXml(bytes, MAX_ANSWER);
  if (document?.root !== "response") return unknown("not_xml", status);
  return outcomeOfFields(action, status, document.fields, signature);
}

/** Classifies an error of fetch or of reading a body, as `outcomeOfThrow` does. */
export function outcomeOfMerchantThrow(error: unknown, signal?: AbortSignal): MerchantUnknown {
  const { reason } = outcomeOfThrow(error, signal);
  // An error of fetch has no other reason.
  return unknown(reason === "timeout" || reason === "aborted" ? reason : "network", null);
}

function outcomeOfFields<Answer>(
  action: MerchantAction<Answer>,
  httpStatus: number,
  fields: readonly Field[],
  { script, secretKey }: AnswerSignature,
): MerchantOutcome<Answer> {
  const signature = verifyFields(script, fields, secretKey);
  if (signature === "invalid") return unknown("unverified", httpStatus);
  const isSigned = signature === "valid";
  const record = fieldRecord(fields);
  if (record["pg_status"] === "error") return refusalOf(action, httpStatus, record, isSigned) ?? unknown("odd_xml", httpStatus);
  if (!isSigned) return unknown("unverified", httpStatus);
  const answer = isAccepted(action, record["pg_status"]) ? action.answer(fields) : null;
  return answer === null ? unknown("odd_xml", httpStatus) : { kind: "answered", httpStatus, answer };
}

function isAccepted({ accepts }: MerchantAction<unknown>, status: FieldValue | undefined): boolean {
  return status === undefined ? accepts.includes(null) : typeof status === "string" && accepts.includes(status);
}

/** The refusal in an error; null without a code in its form. */
function refusalOf(
  { kind }: MerchantAction<unknown>,
  httpStatus: number,
  record: Readonly<Record<string, FieldValue>>,
  isSigned: boolean,
): MerchantRefused | null {
  const { pg_error_code: code, pg_error_description: description, pg_payment_id: paymentId } = record;
  if (typeof code !== "string" || !CODE.test(code)) return null;
  return {
    kind: "refused",
    httpStatus,
    code,
    description: typeof description === "string" && description !== "" ? description : null,
    category: merchantCategoryOf(kind, code),
    isSigned,
    isNotIdentified: !isSigned && isNotIdentified({ httpStatus, code }),
    paymentId: typeof paymentId === "string" && /^(?!0+$)\d{1,20}$/.test(paymentId) ? paymentId : null,
  };
}

function unknown(reason: MerchantUnknown["reason"], httpStatus: number | null, retryAfter: number | null = null): MerchantUnknown {
  return { kind: "unknown", reason, httpStatus, retryAfter };
}
