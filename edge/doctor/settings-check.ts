/** Checks of the settings and bindings: present, strong, well-formed, and consistent. Pure. */
import type { DoctorCheck } from "../../src/edge-api.ts";
import { clientAddress, whyUnknown } from "../http/client-address.ts";
import type { Platform } from "./platform.ts";
import { howToSet } from "./platform.ts";
import type { Settings } from "../settings.ts";
import { examineSettings, isNearby as isNearbyHost } from "../settings.ts";

type Env = Readonly<Record<string, unknown>>;

/** The fix for a secret that is missing, weak or malformed: where it comes from, and who else needs it. */
const SECRET_FIXES: Readonly<Record<string, readonly [from: string, whoElse: string]>> = {
  FREEDOM_PAY_SECRET_KEY: ["Take the secret key of the merchant from the cabinet at Freedom Pay", ""],
  CHARGE_TOKEN_KEY: ["Make a new one (openssl rand -base64 32)", "; the storefront's server needs the same"],
  EDGE_API_KEY: ["Make a new one (openssl rand -base64 32)", "; the merchant's server needs the same"],
  CALLBACK_KEY: ["Make a new one (openssl rand -base64 32)", "; nobody else needs it"],
  NOTIFY_SECRET: ["Make a new one (whsec_ and the output of openssl rand -base64 32)", "; the receiver of notifications needs the same"],
};

/** The fix for another setting that is missing or malformed. */
const FIXES: Readonly<Record<string, string>> = {
  FREEDOM_PAY_MERCHANT_ID: "Take the merchant's number from the cabinet at Freedom Pay",
  FREEDOM_PAY_URL: "Set the gateway's host, such as https://api.freedompay.kz (https://test-api.freedompay.kz for tests)",
  ALLOWED_ORIGINS:
    "List the origin of each storefront as browsers send it, such as https://shop.example: scheme, host, port, nothing else; comma-separated",
  PUBLIC_URL: "Set the https address at which the gateway can reach this edge, such as https://pay.shop.example",
  NOTIFY_URL: "Set the https address of the merchant's server that takes notifications, or leave it empty",
  GATEWAY_CALLBACKS: "Set both, result or none",
  ACCEPT_PAYMENTS: "Set true to take payments again, or leave it empty",
  CLIENT_IP_HEADER:
    "Set the name of the header in which the proxy sends the caller's address (on Cloudflare: CF-Connecting-IP), or leave it empty if there is no proxy",
  PROFILE_API: "Set auto, async or merchant, or leave it empty",
  MERCHANT_API_PATHS:
    'Set a JSON object with other paths of the Merchant API, such as {"getStatus":"/get_status3"} (docs/merchant-api.md), or leave it empty',
  RETENTION_DAYS: "Set a whole number of days",
  LOCATION_HINT: "Set one of Cloudflare's location hints, such as eeur, or leave it empty",
};

const SECRETS = ["FREEDOM_PAY_SECRET_KEY", "CHARGE_TOKEN_KEY", "EDGE_API_KEY", "CALLBACK_KEY", "NOTIFY_SECRET"] as const;

/** The finding while the merchant has stopped payments. */
const STOPPED = "is false: no payment begins (503 unavailable); everything that began goes on";

/** Settings that are not secret, so the report shows their values. */
const PUBLIC_SETTINGS: ReadonlySet<string> = new Set(Object.keys(FIXES).filter((setting) => setting !== "NOTIFY_URL"));

function fixOf(setting: string, platform: Platform): string | null {
  const [from, whoElse] = SECRET_FIXES[setting] ?? [];
  return from === undefined ? (FIXES[setting] ?? null) : `${from} and set it ${howToSet(setting, platform)}${whoElse}`;
}

/** Checks every setting: present, strong, well-formed. Secrets must also differ from each other, and from published examples. */
export function settingChecks(env: Env, platform: Platform): readonly DoctorCheck[] {
  const { results, values: settings } = examineSettings(env);
  return results.map(({ setting: name, isSet, why }): DoctorCheck => {
    const fix = fixOf(name, platform);
    if (why !== null) return { name, ok: false, finding: why, fix };
    if (name === "ACCEPT_PAYMENTS" && settings.acceptPayments === false) return { name, ok: false, finding: STOPPED, fix };
    if (!isSet) return { name, ok: true, finding: "is not set; it is optional", fix: null };
    if (!SECRETS.some((secret) => secret === name))
      return { name, ok: true, finding: PUBLIC_SETTINGS.has(name) ? String(env[name]) : "is set", fix: null };
    const values = valuesOf(env, name);
    const weak = weaknessOf(name, values);
    if (weak !== null) return { name, ok: false, finding: weak, fix };
    const same = SECRETS.find((other) => other !== name && valuesOf(env, other).some((value) => values.includes(value)));
    if (same !== undefined) return { name, ok: false, finding: `has the same value as ${same}: a person who learns one knows both`, fix };
    if (values.length === 1) return { name, ok: true, finding: "is set", fix: null };
    return {
      name,
      ok: true,
      finding: "has two values: a rotation is in progress",
      fix: "When no client uses the old value any more, set the new one alone (docs/rotating-secrets.md)",
    };
  });
}

function valuesOf(env: Env, setting: string): readonly string[] {
  const value = env[setting];
  return typeof value === "string" ? value.split(/\s+/).filter((part) => part !== "") : [];
}

/** Words of examples, and of keys that a person made up. */
const EXAMPLE_WORDS = /test-?secret|secret-?key|change-?me|replace|example|sample|password|qwerty|your[-_]|1234567|abcdef0|0{8}/i;

/** Published keys that people copy: those of Standard Webhooks, and the official example of a signature. */
const PUBLISHED_KEYS: ReadonlySet<string> = new Set([
  "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
  "123456",
]);

/** The fewest different characters of a random key. 32 hexadecimal digits have 13 as a rule; this is lower, to be safe. */
const MIN_DIFFERENT_CHARACTERS = 9;

function weaknessOf(setting: string, values: readonly string[]): string | null {
  for (const value of values) {
    if (PUBLISHED_KEYS.has(value)) return "is a published example";
    if (EXAMPLE_WORDS.test(value)) return "looks like an example, or like text made up by hand";
    // The merchant cannot choose the characters of Freedom Pay's key.
    if (setting !== "FREEDOM_PAY_SECRET_KEY" && new Set(value).size < MIN_DIFFERENT_CHARACTERS)
      return "has only a few different characters: it is not random";
  }
  return values.length === 2 && values[0] === values[1] ? "has the same value twice" : null;
}

function isNearby(url: string): boolean {
  return isNearbyHost(new URL(url).hostname);
}

/** Checks that settings fit each other: which host can reach which, and what is encrypted. It uses the settings that are valid. */
export function consistencyChecks(env: Env, request: Request): readonly DoctorCheck[] {
  const { values } = examineSettings(env);
  return [callbacksCheck(values, new URL(request.url).origin), httpsCheck(values), ...addressCheck(values, request)];
}

/** Without checks an open payment page never gives way to other terms, and a closed order can still be paid on it (P6). */
const NO_CHECKS =
  "For payment pages set GATEWAY_CALLBACKS to both, and enable checks in Freedom Pay's cabinet: only a check can stop a payment there";

function callbacksCheck({ publicUrl, gatewayUrl, callbacks }: Partial<Settings>, requestOrigin: string): DoctorCheck {
  const name = "callbacks";
  if (publicUrl === undefined || gatewayUrl === undefined) return notChecked(name, "PUBLIC_URL and FREEDOM_PAY_URL");
  if (callbacks === "none")
    return { name, ok: true, finding: "are off (GATEWAY_CALLBACKS): the edge finds outcomes by polling alone", fix: NO_CHECKS };
  if (isNearby(publicUrl) && !isNearby(gatewayUrl)) {
    const finding = `would arrive at ${publicUrl}, which the gateway on the internet cannot reach`;
    return { name, ok: false, finding, fix: `${FIXES["PUBLIC_URL"]}, or set GATEWAY_CALLBACKS to none` };
  }
  const otherOrigin =
    new URL(publicUrl).origin === requestOrigin ? "" : `; this request came to ${requestOrigin}, which is correct behind a proxy only`;
  return { name, ok: true, finding: `arrive at ${publicUrl}${otherOrigin}`, fix: callbacks === "both" ? null : NO_CHECKS };
}

function httpsCheck({ publicUrl, allowedOrigins = [], notifyUrl, gatewayUrl }: Partial<Settings>): DoctorCheck {
  const name = "https";
  if (publicUrl === undefined || gatewayUrl === undefined) return notChecked(name, "PUBLIC_URL and FREEDOM_PAY_URL");
  const movesMoney = !isNearby(gatewayUrl);
  const addresses = [publicUrl, ...allowedOrigins, ...(notifyUrl == null ? [] : [new URL(notifyUrl).origin])];
  // Traffic that stays on one machine needs no encryption.
  const unencrypted = addresses.filter((url) => url.startsWith("http:") && (movesMoney || !isNearby(url)));
  if (unencrypted.length === 0) return { name, ok: true, finding: "all traffic between machines is encrypted", fix: null };
  const fix =
    "Serve them over https, or remove them from the settings: with a gateway that moves money, http and localhost are for tests only";
  return { name, ok: false, finding: `not encrypted: ${[...new Set(unencrypted)].join(", ")}`, fix };
}

/** A request that arrived shows whether the header of {@link Settings.clientIpHeader} arrives too. */
function addressCheck({ clientIpHeader }: Partial<Settings>, request: Request): readonly DoctorCheck[] {
  if (clientIpHeader === undefined) return [];
  const name = "payer's address";
  const from = clientIpHeader === null ? "from the connection" : `from ${clientIpHeader}`;
  if (clientAddress(request, clientIpHeader) !== null) return [{ name, ok: true, finding: `is known, ${from}`, fix: null }];
  const finding = `is not known, so shoppers cannot pay. ${whyUnknown(request, clientIpHeader)}`;
  return [{ name, ok: false, finding, fix: FIXES["CLIENT_IP_HEADER"] ?? null }];
}

/** The result of a check whose settings are missing. */
export function notChecked(name: string, settings: string): DoctorCheck {
  return { name, ok: false, finding: `not checked: it needs ${settings}`, fix: "Fix these settings first" };
}

/** Checks the bindings of the Worker's objects and of its limiter. */
export function bindingChecks(env: Env, platform: Platform): readonly DoctorCheck[] {
  const name = "bindings";
  const hasWrangler = platform === "cloudflare" || platform === "wrangler_dev";
  const fix = hasWrangler ? "Bind it as wrangler.toml does, with its migration" : "Bind it as the configuration of npm run serve does";
  if (env["CHARGES"] === undefined)
    return [{ name, ok: false, finding: "CHARGES (class Charge) is not bound: no order can be stored", fix }];
  const limiter = env["REFUSED_CREDENTIALS"] === undefined ? "; no limiter of refused credentials, which is optional" : "";
  if (env["DAYS"] !== undefined) return [{ name, ok: true, finding: `CHARGES and DAYS are bound${limiter}`, fix: null }];
  return [{ name, ok: true, finding: `CHARGES is bound; DAYS (class DailyIndex) is not: there are no lists of days${limiter}`, fix }];
}
