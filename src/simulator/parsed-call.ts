/** Parses a call as strictly as the contract describes it. An invalid field leads to 9403. */

import type { ParsedCreate, Source } from "./parsed-create.ts";
import type { Call } from "./state.ts";

/** A parsed call. */
export type ParsedCall =
  | ParsedCreate
  | { readonly action: "paymentStatus"; readonly id: string | null; readonly orderId: string | null }
  | { readonly action: "requestStatus"; readonly id: string }
  | { readonly action: "clearing"; readonly id: string; readonly minor: number }
  | { readonly action: "refund"; readonly id: string; readonly minor: number }
  | { readonly action: "reverse"; readonly id: string };

type Body = Readonly<Record<string, unknown>>;

/** An invalid field of a call; the message names it. Thrown and caught only in this file. */
class InvalidField extends Error {}

function requireField(holds: boolean, member: string): asserts holds {
  if (!holds) {
    throw new InvalidField(member);
  }
}

const isObject = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value);

function object(value: unknown, member: string): Body {
  requireField(isObject(value), member);
  return value;
}

function text(body: Body, member: string, pattern: RegExp): string {
  const value = body[member];
  requireField(typeof value === "string" && pattern.test(value), member);
  return value;
}

function optional<Value>(body: Body, member: string, read: (body: Body, member: string) => Value): Value | null {
  return body[member] === undefined ? null : read(body, member);
}

/**
 * Exact minor units of an amount in major units.
 *
 * @returns null for anything but a JSON number above 0 with at most 2 decimals.
 */
export function minorOf(amount: unknown): number | null {
  const parts = typeof amount === "number" ? /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(String(amount)) : null;
  if (parts === null) {
    return null;
  }
  const minor = Number(parts[1]) * 100 + Number((parts[2] ?? "").padEnd(2, "0"));
  return minor > 0 ? minor : null;
}

function amount(body: Body): number {
  const minor = minorOf(body["amount"]);
  requireField(minor !== null, "amount");
  return minor;
}

const CURRENCY = /^(?:KZT|KGS|UZS|USD|RUB|EUR)$/;
const ID = /^.{1,64}$/u;
const ADDRESS = /^[0-9A-Fa-f.:]{3,45}$/;
const WEB_URL = /^https?:\/\/\S{1,2000}$/;

function cardOf(from: Body): Body {
  const card = object(from["card"], "from.card");
  text(card, "pan", /^\d{12,19}$/);
  return card;
}

const EMPTY_SOURCE: Omit<Source, "type"> = { profileId: null, cardToken: null, firstDigit: null, save: false, lifetime: null };

const SOURCES: Readonly<Record<string, (from: Body) => Source>> = {
  recurrent: (from) => ({
    ...EMPTY_SOURCE,
    type: "recurrent",
    profileId: text(object(from["recurrent"], "from.recurrent"), "profile_id", ID),
  }),
  saved: (from) => ({ ...EMPTY_SOURCE, type: "saved", cardToken: text(object(from["card"], "from.card"), "token", ID) }),
  card: (from) => {
    const card = cardOf(from);
    text(card, "cvc", /^\d{3,4}$/);
    const recurrent = from["recurrent"] === undefined ? {} : object(from["recurrent"], "from.recurrent");
    const lifetime = recurrent["lifetime"];
    requireField(
      lifetime === undefined || (Number.isInteger(lifetime) && Number(lifetime) >= 1 && Number(lifetime) <= 156),
      "from.recurrent.lifetime",
    );
    return {
      ...EMPTY_SOURCE,
      type: "card",
      firstDigit: String(card["pan"]).slice(0, 1),
      save: from["save"] === true,
      lifetime: lifetime === undefined ? null : Number(lifetime),
    };
  },
  tokenized: (from) => {
    const token = object(from["token"], "from.token");
    text(token, "type", /^(?:applepay|googlepay|vts|mscof)$/);
    return { ...EMPTY_SOURCE, type: "tokenized", firstDigit: String(cardOf(from)["pan"]).slice(0, 1) };
  },
};

function source(body: Body): Source {
  const from = object(body["from"], "from");
  const read = SOURCES[text(from, "type", /^(?:recurrent|card|saved|tokenized)$/)];
  requireField(read !== undefined, "from.type");
  return read(from);
}

function create(body: Body): ParsedCreate {
  const urls = body["urls"] === undefined ? {} : object(body["urls"], "urls");
  text(object(body["device"], "device"), "user_ip", ADDRESS);
  const autoClearing = body["auto_clearing"] ?? true;
  requireField(typeof autoClearing === "boolean", "auto_clearing");
  return {
    action: "create",
    minor: amount(body),
    currency: text(body, "currency", CURRENCY),
    description: text(body, "description", /^.{1,1024}$/su),
    orderId: text(body, "order_id", /^.{1,50}$/u),
    userId: text(body, "user_id", /^[A-Za-z0-9_-]{1,50}$/),
    autoClearing: autoClearing === true,
    source: source(body),
    checkUrl: optional(urls, "check_url", (from, member) => text(from, member, WEB_URL)),
    resultUrl: optional(urls, "result_url", (from, member) => text(from, member, WEB_URL)),
  };
}

function paymentStatus(body: Body): ParsedCall {
  const id = optional(body, "id", (from, member) => text(from, member, ID));
  const orderId = optional(body, "order_id", (from, member) => text(from, member, ID));
  requireField(id !== null || orderId !== null, "id");
  return { action: "paymentStatus", id, orderId };
}

interface Action {
  /** The path of its POST. */
  readonly endpoint: string;
  readonly read: (body: Body) => ParsedCall;
}

/** X-Action → endpoint and body (contract, "Actions"). */
const ACTIONS: Readonly<Record<string, Action>> = {
  "gateway.payment.create": { endpoint: "/v5/g2g/create", read: create },
  "gateway.payment.status": { endpoint: "/v5/g2g/read", read: paymentStatus },
  "gateway.request.status": { endpoint: "/v5/g2g/read", read: (body) => ({ action: "requestStatus", id: text(body, "id", ID) }) },
  "gateway.payment.clearing": {
    endpoint: "/v5/g2g/edit",
    read: (body) => ({ action: "clearing", id: text(body, "id", ID), minor: amount(body) }),
  },
  "gateway.payment.reverse": { endpoint: "/v5/g2g/edit", read: (body) => ({ action: "reverse", id: text(body, "id", ID) }) },
  "gateway.payment.refund": {
    endpoint: "/v5/g2g/edit",
    read: (body) => ({ action: "refund", id: text(body, "id", ID), minor: amount(body) }),
  },
};

/** The endpoints of the gateway. */
export const ENDPOINTS: readonly string[] = [...new Set(Object.values(ACTIONS).map((action) => action.endpoint))];

/** The endpoint that an X-Action belongs to; null for an unknown action. */
export function endpointOf(action: string): string | null {
  return Object.hasOwn(ACTIONS, action) ? (ACTIONS[action]?.endpoint ?? null) : null;
}

function parseBody(body: Call["body"]): Body {
  if (typeof body !== "string") {
    return body;
  }
  try {
    return object(JSON.parse(body), "body");
  } catch {
    throw new InvalidField("body");
  }
}

/** X-Request-Id is a UUID of any version (contract, "Request headers"). */
const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Parses a call.
 *
 * @param call - the call as it arrived.
 * @returns the parsed call, or the name of the first invalid field (the gateway then answers 9403).
 */
export function parseCall(call: Call): ParsedCall | { readonly action: "invalid"; readonly field: string } {
  try {
    requireField(REQUEST_ID.test(call.requestId), "X-Request-Id");
    const action = Object.hasOwn(ACTIONS, call.action) ? ACTIONS[call.action] : undefined;
    requireField(action !== undefined, "X-Action");
    return action.read(parseBody(call.body));
  } catch (error) {
    if (error instanceof InvalidField) {
      return { action: "invalid", field: error.message };
    }
    throw error;
  }
}
