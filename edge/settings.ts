import { FreedomPayError } from "../src/errors.ts";
import { isGatewayUrl } from "../src/gateway.ts";
import type { MerchantApiPaths } from "../src/merchant-api/paths.ts";
import { MERCHANT_API_PATHS, readPaths } from "../src/merchant-api/paths.ts";
import { isNotificationSecret } from "../src/notification.ts";

/** The values of PROFILE_API. */
const PROFILE_APIS = ["auto", "async", "merchant"] as const;

/** The setting PROFILE_API: the API that charges profiles. */
export type ProfileApi = (typeof PROFILE_APIS)[number];

/** The edge's settings, read from its environment and valid as a whole. See the table of settings in edge/README.md. */
export interface Settings {
  readonly merchantId: string;
  /** The gateway's address, without a slash at the end. */
  readonly gatewayUrl: string;
  /** The merchant's `secret_key`. While it is rotated: the new one, then the old one. */
  readonly gatewayKeys: readonly [string, ...string[]];
  readonly tokenKeys: readonly string[];
  readonly apiKeys: readonly string[];
  readonly callbackKeys: readonly string[];
  /** `whsec_…`. Empty if there are no notifications. */
  readonly notifySecrets: readonly string[];
  /** As browsers send them in `Origin`. */
  readonly allowedOrigins: readonly string[];
  /** The edge's own address, without a slash at the end. */
  readonly publicUrl: string;
  readonly notifyUrl: string | null;
  /** Which of `check_url` and `result_url` a payment is created with. */
  readonly callbacks: "both" | "result" | "none";
  /** False: no payment begins, and everything that began goes on. */
  readonly acceptPayments: boolean;
  /** The header that a trusted proxy writes the caller's address into; null: the peer's address is the caller's. */
  readonly clientIpHeader: string | null;
  /** The API that charges profiles; `auto`: the Merchant API those whose id is a number, v5 all others. */
  readonly profileApi: ProfileApi;
  /** The paths of the Merchant API. */
  readonly merchantApiPaths: MerchantApiPaths;
  /** Days after which a decided charge is redacted. */
  readonly retentionDays: number;
  /** Where on Cloudflare the objects of orders are created; null: near their first caller. */
  readonly locationHint: LocationHint | null;
}

/** A setting that is missing or invalid, and why. Never its value. */
export interface SettingError {
  readonly setting: string;
  readonly why: string;
}

/** The outcome of {@link readSettings}. */
export type SettingsReading =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly errors: readonly SettingError[] };

/** The error of a parser. */
class InvalidSetting {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

type Parser<Value> = (text: string | null) => Value | InvalidSetting;

const MISSING = new InvalidSetting("is not set");

/** The fewest bytes of UTF-8 of our own keys (RFC 7518 §3.2: as many as the hash has). */
const OWN_KEY_BYTES = 32;

/** The fewest bytes of a notification secret (Standard Webhooks, "Signature scheme"). */
const NOTIFY_SECRET_BYTES = 24;

const DEFAULT_RETENTION_DAYS = 400;

function required<Value>(parse: (text: string) => Value | InvalidSetting): Parser<Value> {
  return (text) => (text === null ? MISSING : parse(text));
}

function optional<Value>(fallback: Value, parse: (text: string) => Value | InvalidSetting): Parser<Value> {
  return (text) => (text === null ? fallback : parse(text));
}

/** One value, or while it is rotated two values separated by a space: new, then old. */
function rotated(weakness: (value: string) => string | null): (text: string) => readonly [string, ...string[]] | InvalidSetting {
  return (text) => {
    const [first, ...others] = text.split(/\s+/);
    if (first === undefined || others.length > 1) return new InvalidSetting("has more than two values");
    const why = [first, ...others].map(weakness).find((why) => why !== null);
    return why === undefined || why === null ? [first, ...others] : new InvalidSetting(why);
  };
}

function shortKey(value: string): string | null {
  return new TextEncoder().encode(value).byteLength < OWN_KEY_BYTES ? `is shorter than ${OWN_KEY_BYTES} bytes` : null;
}

function weakApiKey(value: string): string | null {
  return /^[\x21-\x7e]+$/.test(value) ? shortKey(value) : "has characters other than visible ASCII, which a header cannot carry";
}

function weakNotifySecret(value: string): string | null {
  const base64 = /^whsec_([A-Za-z0-9+/]+)={0,2}$/.exec(value)?.[1];
  if (base64 === undefined) return "is not whsec_ and base64";
  if (Math.floor((base64.length * 3) / 4) < NOTIFY_SECRET_BYTES) return `is shorter than ${NOTIFY_SECRET_BYTES} bytes`;
  return isNotificationSecret(value) ? null : "is not the base64, with its padding, of 24 to 64 bytes";
}

/** Whether a host is loopback, or has a private address of RFC 1918 or RFC 4193. @param hostname the whole `hostname` of a URL */
export function isNearby(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|10(\.\d+){3}|192\.168(\.\d+){2}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|\[::1\]|\[f[cd][0-9a-f]{2}:[0-9a-f:]*\])$/.test(
    hostname,
  );
}

/** A URL that may be called: https, or http to loopback and private addresses, where no third party can listen. */
function address(text: string): URL | InvalidSetting {
  if (!URL.canParse(text)) return new InvalidSetting("is not a URL");
  const url = new URL(text);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isNearby(url.hostname)))
    return new InvalidSetting("is not https (http only to loopback and private addresses)");
  return url.username === "" && url.password === "" ? url : new InvalidSetting("contains a user name or password");
}

function gatewayUrl(text: string): string | InvalidSetting {
  return isGatewayUrl(text) ? withoutSlash(text) : new InvalidSetting("is not a known Freedom Pay host over https, nor loopback over http");
}

/** The Merchant API takes addresses of callbacks of at most 255 characters, and a ticket's path needs up to 131 of them. */
const MAX_PUBLIC_URL = 120;

function publicUrl(configured: string): string | InvalidSetting {
  const url = address(configured);
  if (url instanceof InvalidSetting) return url;
  // A bare `?` or `#` leaves search and hash empty, but would cut off the path of a callback.
  if (/[?#]/.test(url.href)) return new InvalidSetting("contains a query or a fragment");
  const text = withoutSlash(url.href);
  return text.length > MAX_PUBLIC_URL ? new InvalidSetting(`is longer than ${MAX_PUBLIC_URL} characters`) : text;
}

function notifyUrl(text: string): string | InvalidSetting {
  const url = address(text);
  return url instanceof InvalidSetting ? url : url.href;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, "");
}

function isExactOrigin(text: string): boolean {
  return /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

function origins(text: string): readonly string[] | InvalidSetting {
  const entries = entriesOf(text);
  const wrong = entries.findIndex((entry) => !isExactOrigin(entry));
  if (wrong >= 0) return new InvalidSetting(`entry ${wrong + 1} is not an origin as a browser sends it: scheme, host, port, nothing else`);
  return entries.length === 0 ? MISSING : entries;
}

function entriesOf(text: string): string[] {
  return text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

function merchantId(text: string): string | InvalidSetting {
  return /^\d{1,20}$/.test(text) ? text : new InvalidSetting("is not a number");
}

function callbacks(text: string): Settings["callbacks"] | InvalidSetting {
  return text === "both" || text === "result" || text === "none" ? text : new InvalidSetting("is not both, result or none");
}

function trueOrFalse(text: string): boolean | InvalidSetting {
  return text === "true" || text === "false" ? text === "true" : new InvalidSetting("is not true or false");
}

function headerName(text: string): string | InvalidSetting {
  return /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(text) ? text : new InvalidSetting("is not the name of a header");
}

function days(text: string): number | InvalidSetting {
  return /^[1-9]\d{0,4}$/.test(text) ? Number(text) : new InvalidSetting("is not a whole number of days, 1 to 99999");
}

function profileApi(text: string): ProfileApi | InvalidSetting {
  return PROFILE_APIS.find((api) => api === text) ?? new InvalidSetting(`is not one of ${PROFILE_APIS.join(", ")}`);
}

function merchantApiPaths(text: string): MerchantApiPaths | InvalidSetting {
  try {
    return readPaths(text);
  } catch (error) {
    if (!(error instanceof FreedomPayError)) throw error;
    return new InvalidSetting(`is not a JSON object of paths such as {"cancel":"/cancel"}`);
  }
}

/** Where Cloudflare can be asked to create an object ("Durable Objects, data location: provide a location hint"). */
const LOCATION_HINTS = ["wnam", "enam", "sam", "weur", "eeur", "apac", "oc", "afr", "me"] as const;

export type LocationHint = (typeof LOCATION_HINTS)[number];

function locationHint(text: string): LocationHint | InvalidSetting {
  return LOCATION_HINTS.find((hint) => hint === text) ?? new InvalidSetting(`is not one of ${LOCATION_HINTS.join(", ")}`);
}

/** Every setting: its member, its name, its parser. Errors are listed in this order. */
const SETTINGS: { readonly [Member in keyof Settings]: readonly [setting: string, parse: Parser<Settings[Member]>] } = {
  merchantId: ["FREEDOM_PAY_MERCHANT_ID", required(merchantId)],
  gatewayUrl: ["FREEDOM_PAY_URL", required(gatewayUrl)],
  gatewayKeys: ["FREEDOM_PAY_SECRET_KEY", required(rotated(() => null))],
  tokenKeys: ["CHARGE_TOKEN_KEY", required(rotated(shortKey))],
  apiKeys: ["EDGE_API_KEY", required(rotated(weakApiKey))],
  callbackKeys: ["CALLBACK_KEY", required(rotated(shortKey))],
  allowedOrigins: ["ALLOWED_ORIGINS", required(origins)],
  publicUrl: ["PUBLIC_URL", required(publicUrl)],
  notifyUrl: ["NOTIFY_URL", optional(null, notifyUrl)],
  notifySecrets: ["NOTIFY_SECRET", optional<readonly string[]>([], rotated(weakNotifySecret))],
  callbacks: ["GATEWAY_CALLBACKS", optional("both", callbacks)],
  acceptPayments: ["ACCEPT_PAYMENTS", optional(true, trueOrFalse)],
  clientIpHeader: ["CLIENT_IP_HEADER", optional(null, headerName)],
  profileApi: ["PROFILE_API", optional<ProfileApi>("auto", profileApi)],
  merchantApiPaths: ["MERCHANT_API_PATHS", optional<MerchantApiPaths>(MERCHANT_API_PATHS, merchantApiPaths)],
  retentionDays: ["RETENTION_DAYS", optional(DEFAULT_RETENTION_DAYS, days)],
  locationHint: ["LOCATION_HINT", optional(null, locationHint)],
};

/** A setting's text. Null if unset; empty counts as unset. In wrangler.toml `RETENTION_DAYS = 400` is a number, `ACCEPT_PAYMENTS = false` a boolean. */
function textOf(env: Readonly<Record<string, unknown>>, setting: string): string | null | InvalidSetting {
  const value = env[setting];
  if (value === undefined || value === null) return null;
  const isSwitch = setting === "ACCEPT_PAYMENTS" && typeof value === "boolean";
  if (typeof value !== "string" && typeof value !== "number" && !isSwitch) return new InvalidSetting("is not text");
  const text = String(value).trim();
  return text === "" ? null : text;
}

/** The result for one setting. */
export interface SettingResult {
  readonly setting: string;
  /** Whether it has a value. */
  readonly isSet: boolean;
  /** Null if it is valid. */
  readonly why: string | null;
}

/** The results for all settings, and the values that are valid. */
export interface SettingsResult {
  readonly results: readonly SettingResult[];
  readonly values: Partial<Settings>;
}

/**
 * Reads each setting separately, for callers that continue although some are invalid.
 *
 * @param env the Worker's environment, or any record of names and texts
 */
export function examineSettings(env: Readonly<Record<string, unknown>>): SettingsResult {
  const values: Record<string, unknown> = {};
  const results = Object.entries(SETTINGS).map(([member, [setting, parse]]): SettingResult => {
    const text = textOf(env, setting);
    const value = text instanceof InvalidSetting ? text : parse(text);
    const isSet = text !== null;
    if (value instanceof InvalidSetting) return { setting, isSet, why: value.why };
    values[member] = value;
    // NOTIFY_URL is before NOTIFY_SECRET in the table.
    const isMissing = member === "notifySecrets" && !isSet && typeof values["notifyUrl"] === "string";
    return { setting, isSet, why: isMissing ? "is not set, and NOTIFY_URL is" : null };
  });
  // The type of the table guarantees that each parser returns its member's type.
  return { results, values: values as Partial<Settings> };
}

/**
 * Reads all settings of the edge.
 *
 * @param env the Worker's environment, or any record of names and texts
 * @returns the settings, or all errors at once, with the settings' names and never with a value
 */
export function readSettings(env: Readonly<Record<string, unknown>>): SettingsReading {
  const { results, values } = examineSettings(env);
  const errors = results.flatMap(({ setting, why }) => (why === null ? [] : [{ setting, why }]));
  return errors.length === 0 ? { ok: true, settings: values as Settings } : { ok: false, errors };
}

/**
 * Reads the allowed origins alone, even if other settings are invalid, because a page must be able to read that the edge is not configured.
 *
 * @returns the entries of `ALLOWED_ORIGINS` that are exact origins
 */
export function readAllowedOrigins(env: Readonly<Record<string, unknown>>): readonly string[] {
  const text = textOf(env, "ALLOWED_ORIGINS");
  return typeof text === "string" ? entriesOf(text).filter(isExactOrigin) : [];
}

/**
 * Reads the API keys alone, even if other settings are invalid, because the doctor must recognize the merchant. @returns none if they are
 * missing or invalid
 */
export function readApiKeys(env: Readonly<Record<string, unknown>>): readonly string[] {
  return examineSettings(env).values.apiKeys ?? [];
}

/** What an environment sets. */
export interface Configuration {
  readonly reading: SettingsReading;
  readonly allowedOrigins: readonly string[];
  /** Known also if other settings are invalid. Empty if there is no valid key. */
  readonly apiKeys: readonly string[];
}

const configurations = new WeakMap<object, Configuration>();

/** Reads the settings of an environment. */
export function configurationOf(env: object): Configuration {
  const cached = configurations.get(env);
  if (cached !== undefined) return cached;
  const variables = { ...env };
  const configuration = {
    reading: readSettings(variables),
    allowedOrigins: readAllowedOrigins(variables),
    apiKeys: readApiKeys(variables),
  };
  configurations.set(env, configuration);
  return configuration;
}
