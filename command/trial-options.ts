/** What a live trial is told: by flags what to do, by the environment in whose name. */
import { isGatewayUrl } from "../src/gateway.ts";

/** The flags, for `parseArgs`. */
export const TRIAL_OPTIONS = {
  live: { type: "string" },
  user: { type: "string" },
  ip: { type: "string" },
  declines: { type: "string" },
  callbacks: { type: "string" },
  listen: { type: "string" },
  out: { type: "string" },
  "yes-charge-100-tenge": { type: "boolean" },
} as const;

/** How to call it. */
export const TRIAL_USAGE = `       freedom-pay-charge doctor --live PROFILE_ID --user USER_ID --ip ADDRESS --yes-charge-100-tenge
  The live trial: CHARGES REAL MONEY at Freedom Pay itself, 100 tenge at a time, and gives it back. Run it in your own
  shell, with FREEDOM_PAY_MERCHANT_ID, FREEDOM_PAY_SECRET_KEY and FREEDOM_PAY_URL in the environment.
  --user USER_ID        whom the profile belongs to, as it was saved
  --ip ADDRESS          the payer's address: your own
  --declines PROFILE_ID a profile that will be declined; without it one that does not exist
  --callbacks URL       where the gateway reaches --listen, such as a tunnel that keeps paths as they are: what it calls there,
                        at two addresses that nobody can guess, is written down
  --listen HOST:PORT    where callbacks are taken (127.0.0.1:8799)
  --out FILE            where everything is written (freedom-pay-trial-TIME.json)`;

/** A trial that can begin. */
export interface TrialOptions {
  readonly gatewayUrl: string;
  readonly merchantId: string;
  readonly secretKey: string;
  readonly profileId: string;
  readonly userId: string;
  readonly userIp: string;
  /** A profile that will be declined. */
  readonly declines: string;
  /** Where the gateway reaches the recorder of callbacks, or null: then check_url is an address that answers 404. */
  readonly callbacks: string | null;
  readonly listen: string;
  readonly out: string;
  /** Whether the flag that says so was given. */
  readonly mayCharge: boolean;
}

type Values = Readonly<Partial<Record<keyof typeof TRIAL_OPTIONS, string | boolean | undefined>>>;

/** Reads what a trial needs. @returns what is wrong, as a text */
export function readTrial(
  values: Values,
  env: Readonly<Record<string, string | undefined>>,
  unexpected: string | undefined,
): TrialOptions | string {
  if (unexpected !== undefined) return "A live trial talks to the gateway itself: leave the edge's URL out";
  const text = (flag: keyof typeof TRIAL_OPTIONS): string => String(values[flag] ?? "").trim();
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
    declines: text("declines") || crypto.randomUUID(),
    callbacks: callbacks || null,
    listen: text("listen") || "127.0.0.1:8799",
    out: text("out") || `freedom-pay-trial-${time}.json`,
    mayCharge: values["yes-charge-100-tenge"] === true,
  };
}
