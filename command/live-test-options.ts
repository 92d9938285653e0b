/** Options of a live test: flags from the command line, keys from the environment. */
import { FreedomPayError } from "../src/errors.ts";
import { isGatewayUrl } from "../src/gateway.ts";
import type { MerchantApiPaths } from "../src/merchant-api/paths.ts";
import { readPaths } from "../src/merchant-api/paths.ts";

/** The flags for `parseArgs`. */
export const LIVE_TEST_FLAGS = {
  live: { type: "string" },
  user: { type: "string" },
  ip: { type: "string" },
  declines: { type: "string" },
  api: { type: "string" },
  callbacks: { type: "string" },
  listen: { type: "string" },
  out: { type: "string" },
  "yes-charge-100-tenge": { type: "boolean" },
} as const;

/** The usage text. */
export const LIVE_TEST_USAGE = `       freedom-pay-charge doctor --live PROFILE_ID --user USER_ID --ip ADDRESS --yes-charge-100-tenge
  The live test: CHARGES REAL MONEY at Freedom Pay, 100 tenge per charge, and refunds it. Run it in your own shell,
  with FREEDOM_PAY_MERCHANT_ID, FREEDOM_PAY_SECRET_KEY and FREEDOM_PAY_URL in the environment.
  --user USER_ID        the user_id with which the profile was saved
  --ip ADDRESS          the payer's address: your own
  --declines PROFILE_ID a profile that will be declined (default: one that does not exist)
  --api async|merchant  the API that charges (default: merchant for a profile whose id is a number, else async)
  --callbacks URL       the URL at which the gateway reaches --listen, such as a tunnel that does not change paths.
                        Callbacks to two addresses below it, which cannot be guessed, are recorded
  --listen HOST:PORT    the address that receives callbacks (127.0.0.1:8799)
  --out FILE            the transcript (freedom-pay-live-test-TIME.json)`;

/** Valid options of a live test. */
export interface LiveTestOptions {
  readonly gatewayUrl: string;
  readonly merchantId: string;
  readonly secretKey: string;
  readonly profileId: string;
  readonly userId: string;
  readonly userIp: string;
  /** The API that charges: v5, or the Merchant API. */
  readonly api: "async" | "merchant";
  /** The paths of the Merchant API. */
  readonly paths: MerchantApiPaths;
  /** A profile that will be declined. */
  readonly decliningProfileId: string;
  /** The URL at which the gateway reaches the recorder of callbacks. Null: the callback addresses do not exist. */
  readonly callbacks: string | null;
  readonly listen: string;
  readonly out: string;
  /** Whether `--yes-charge-100-tenge` was given. */
  readonly mayCharge: boolean;
}

type Values = Readonly<Partial<Record<keyof typeof LIVE_TEST_FLAGS, string | boolean | undefined>>>;

/** A profile of the Merchant API: its number, or the number bound to a user. */
const MERCHANT_PROFILE = /^\d{1,20}(\.[A-Za-z0-9_-]{16})?$/;

/** The gateway's own id of a profile. What follows the dot binds it to a user at the edge. */
function numberOf(profileId: string): string {
  return profileId.split(".", 1)[0] ?? profileId;
}

/** The profile that is to decline: by default one that does not exist. */
function decliningProfile(given: string, api: LiveTestOptions["api"]): string {
  if (api === "merchant") return given === "" ? unknownNumber() : numberOf(given);
  return given || crypto.randomUUID();
}

/** The number of a profile that does not exist: profiles have fewer digits. */
function unknownNumber(): string {
  return `9${Array.from(crypto.getRandomValues(new Uint8Array(14)), (byte) => byte % 10).join("")}`;
}

/** The paths of the Merchant API, or a text that says what is wrong. */
function pathsOf(setting: string): MerchantApiPaths | string {
  try {
    return readPaths(setting);
  } catch (error) {
    if (!(error instanceof FreedomPayError)) throw error;
    return error.message;
  }
}

/** Reads the options of a live test. @returns the options, or a text that says what is wrong */
export function readLiveTestOptions(
  values: Values,
  env: Readonly<Record<string, string | undefined>>,
  unexpected: string | undefined,
): LiveTestOptions | string {
  if (unexpected !== undefined) return "A live test calls the gateway directly: remove the edge's URL";
  const text = (flag: keyof typeof LIVE_TEST_FLAGS): string => String(values[flag] ?? "").trim();
  const from = (name: string): string => (env[name] ?? "").trim();
  const [secretKey = ""] = from("FREEDOM_PAY_SECRET_KEY").split(/\s+/);
  const missing = [
    ...["FREEDOM_PAY_MERCHANT_ID", "FREEDOM_PAY_SECRET_KEY", "FREEDOM_PAY_URL"].filter((name) => from(name) === ""),
    ...(["live", "user", "ip"] as const).filter((flag) => text(flag) === "").map((flag) => `--${flag}`),
  ];
  if (missing.length > 0) return `Missing: ${missing.join(", ")}`;
  if (!isGatewayUrl(from("FREEDOM_PAY_URL"))) return "FREEDOM_PAY_URL is not a known Freedom Pay host over https, nor loopback over http";
  const callbacks = text("callbacks").replace(/\/+$/, "");
  if (callbacks !== "" && !(/^https?:\/\/[^?#\s]+$/.test(callbacks) && URL.canParse(callbacks)))
    return "--callbacks is not an http or https URL without a query";
  const api = text("api") || (MERCHANT_PROFILE.test(text("live")) ? "merchant" : "async");
  if (api !== "async" && api !== "merchant") return "--api is not async or merchant";
  const paths = pathsOf(from("MERCHANT_API_PATHS"));
  if (typeof paths === "string") return paths;
  if (api === "merchant" && ![text("live"), text("declines") || "1"].every((id) => MERCHANT_PROFILE.test(id)))
    return "The Merchant API charges profiles whose id is a number: give other ids, or --api async";
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+Z/g, "");
  return {
    gatewayUrl: from("FREEDOM_PAY_URL").replace(/\/+$/, ""),
    merchantId: from("FREEDOM_PAY_MERCHANT_ID"),
    secretKey,
    profileId: api === "merchant" ? numberOf(text("live")) : text("live"),
    userId: text("user"),
    userIp: text("ip"),
    api,
    paths,
    decliningProfileId: decliningProfile(text("declines"), api),
    callbacks: callbacks || null,
    listen: text("listen") || "127.0.0.1:8799",
    out: text("out") || `freedom-pay-live-test-${time}.json`,
    mayCharge: values["yes-charge-100-tenge"] === true,
  };
}
