/** Options of a live test: flags from the command line, keys from the environment. */
import { isGatewayUrl } from "../src/gateway.ts";

/** The flags for `parseArgs`. */
export const LIVE_TEST_FLAGS = {
  live: { type: "string" },
  user: { type: "string" },
  ip: { type: "string" },
  declines: { type: "string" },
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
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+Z/g, "");
  return {
    gatewayUrl: from("FREEDOM_PAY_URL").replace(/\/+$/, ""),
    merchantId: from("FREEDOM_PAY_MERCHANT_ID"),
    secretKey,
    profileId: text("live"),
    userId: text("user"),
    userIp: text("ip"),
    decliningProfileId: text("declines") || crypto.randomUUID(),
    callbacks: callbacks || null,
    listen: text("listen") || "127.0.0.1:8799",
    out: text("out") || `freedom-pay-live-test-${time}.json`,
    mayCharge: values["yes-charge-100-tenge"] === true,
  };
}
