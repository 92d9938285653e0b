/** The paths of the Merchant API as one table, which a deployment can override (docs/merchant-api.md, "Calls"). */
import { FreedomPayError } from "../errors.ts";

/** The paths of all calls. Their last segment is the script of the signature. `{merchant_id}` stands for the merchant's number. */
export const MERCHANT_API_PATHS = {
  initPayment: "/init_payment.php",
  makeRecurringPayment: "/make_recurring_payment.php",
  getStatus: "/get_status3.php",
  doCapture: "/do_capture.php",
  cancel: "/cancel.php",
  revoke: "/revoke.php",
  listCards: "/v1/merchant/{merchant_id}/cardstorage/list",
} as const;

/** The name of a call. */
export type MerchantCallName = keyof typeof MERCHANT_API_PATHS;

/** A path for every call. */
export type MerchantApiPaths = Readonly<Record<MerchantCallName, string>>;

/**
 * A path of letters, digits, `.`, `_` and `-`, which no server reads differently, and `{merchant_id}` in front of the last segment. A URL
 * drops the segments `.` and `..`, so another path than the signed one would be called.
 */
const PATH = /^(?:\/(?!\.{1,2}\/)(?:[A-Za-z0-9._-]+|\{merchant_id\}))*\/(?!\.{1,2}$)[A-Za-z0-9._-]+$/;

const MAX_LENGTH = 255;

/**
 * The table with the overrides of MERCHANT_API_PATHS.
 *
 * @param setting A JSON object such as `{"getStatus": "/get_status3"}`. Empty: the table as it is.
 * @throws {@link FreedomPayError} `input_invalid`, which names the member.
 */
export function readPaths(setting: string): MerchantApiPaths {
  const overrides = setting.trim() === "" ? {} : objectOf(setting);
  for (const [name, path] of Object.entries(overrides)) {
    if (!isCallName(name)) throw invalid(`must only have the members ${Object.keys(MERCHANT_API_PATHS).join(", ")}`);
    if (!isPath(path)) throw invalid(`has a wrong ${name}: it must be a path such as ${MERCHANT_API_PATHS[name]}`);
  }
  return { ...MERCHANT_API_PATHS, ...overrides };
}

/** The path of a call of this merchant. */
export function pathOf(paths: MerchantApiPaths, name: MerchantCallName, merchantId: string): string {
  return paths[name].replaceAll("{merchant_id}", merchantId);
}

function objectOf(json: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw invalid("must be JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid("must be a JSON object");
  return value as Readonly<Record<string, unknown>>;
}

function isCallName(name: string): name is MerchantCallName {
  return Object.hasOwn(MERCHANT_API_PATHS, name);
}

function isPath(path: unknown): boolean {
  return typeof path === "string" && path.length <= MAX_LENGTH && PATH.test(path);
}

function invalid(message: string): FreedomPayError {
  return new FreedomPayError("input_invalid", `MERCHANT_API_PATHS ${message}`);
}
