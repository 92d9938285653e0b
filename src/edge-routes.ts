/** The edge's routes, as data: who may call them, what they take, what they answer. The OpenAPI description is made from here. */
import type { ProblemCode } from "./edge-api.ts";
import { CURRENCIES, MAX_AMOUNT } from "./money.ts";

/** Who calls a route: with a charge token, with an API key, or with neither. */
export type RouteCaller = "shopper" | "merchant" | "gateway" | "anyone";

/** The headers and members of the query that a route takes. */
export type RouteParameter = "Idempotency-Key" | "If-None-Match" | "Prefer" | "day" | "status" | "after" | "fields";

/** What a route answers when it does not refuse. */
export interface RouteAnswer {
  readonly status: 200 | 201 | 304;
  readonly description: string;
  /** Names of types of src/edge-api.ts, any of which it may be; none for an answer without a body. */
  readonly body: readonly string[];
  /** `application/json` when left out. */
  readonly mediaType?: string;
  readonly headers?: readonly ("ETag" | "Cache-Control")[];
}

/** One call. */
export interface Route {
  readonly method: "get" | "post";
  /** With names in braces, as OpenAPI has it. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly callers: readonly RouteCaller[];
  readonly parameters: readonly RouteParameter[];
  /** The name of a schema of {@link BODIES}, and whether there may be no body at all. Null: it takes none. */
  readonly body: { readonly schema: keyof typeof BODIES; readonly required: boolean; readonly description?: string } | null;
  readonly answers: readonly RouteAnswer[];
  readonly problems: readonly ProblemCode[];
}

const ORDER_ID = { type: "string", pattern: "^(?!.*--)[A-Za-z0-9_-]{1,40}$" } as const;

const AMOUNT = {
  type: "number",
  description: "Major units, at most 2 decimals.",
  exclusiveMinimum: 0,
  maximum: MAX_AMOUNT,
} as const;

const NOTE = {
  type: "string",
  description: "Why, for the record: no control characters.",
  minLength: 1,
  maxLength: 500,
} as const;

/** The members of a charge token's `charge`, as JSON Schema. */
const CHARGE = {
  order_id: { ...ORDER_ID, description: "Without `--`, which is kept for later attempts of the same order." },
  amount: AMOUNT,
  currency: { enum: CURRENCIES },
  description: {
    type: "string",
    description: "What is paid for: no control characters, no card number.",
    minLength: 1,
    maxLength: 1024,
  },
  user_id: { type: "string", description: "The owner of the profile at the merchant's.", pattern: "^[A-Za-z0-9_-]{1,50}$" },
  profile_id: { type: "string", description: "The stored card.", pattern: "^[A-Za-z0-9._-]{1,64}$" },
  auto_clearing: { type: ["boolean", "null"], description: "False: a hold, to be cleared or reversed. Null: the default.", default: true },
  card: {
    type: ["object", "null"],
    description: "What may be shown of the card. Null: nothing.",
    properties: {
      brand: { type: "string", pattern: "^[A-Za-z0-9][A-Za-z0-9 _-]{0,19}$" },
      last4: { type: "string", pattern: "^[0-9]{4}$" },
    },
    required: ["brand", "last4"],
    additionalProperties: false,
  },
} as const;

const CHARGE_REQUIRED = ["order_id", "amount", "currency", "description", "user_id", "profile_id"] as const;

/** What routes take as their bodies, as JSON Schema. What is not listed is refused. */
export const BODIES = {
  ChargeRequest: {
    description: "A charge that no shopper clicks: a charge token's `charge` and where the shopper was when she agreed to it.",
    type: "object",
    properties: { ...CHARGE, user_ip: { type: "string", description: "IPv4 or IPv6." } },
    required: [...CHARGE_REQUIRED, "user_ip"],
    additionalProperties: false,
  },
  AmountRequest: {
    type: "object",
    properties: { amount: { ...AMOUNT, description: "Major units, at most 2 decimals; all that is left when left out." } },
    additionalProperties: false,
  },
  EmptyRequest: { type: "object", additionalProperties: false },
  ResolveRequest: {
    description: "An operator's word on a stuck charge or operation.",
    anyOf: [
      {
        type: "object",
        properties: {
          payment_id: { type: "string", description: "The payment that it is.", pattern: "^[!-~]{1,64}$" },
          note: NOTE,
        },
        required: ["payment_id", "note"],
        additionalProperties: false,
      },
      {
        type: "object",
        properties: { nothing_taken: { const: true }, note: NOTE },
        required: ["nothing_taken", "note"],
        additionalProperties: false,
      },
    ],
  },
  NotifyRequest: {
    type: "object",
    properties: { sequence: { type: "integer", description: "Which notification; the last one when left out.", minimum: 1 } },
    additionalProperties: false,
  },
  CallbackRequest: { description: "Whatever the gateway sends: JSON, form fields, XML or nothing. A hint, and no more." },
} as const;

/** Refusals of every route that has settings to read. */
const CONFIGURED = ["not_configured", "internal"] as const satisfies readonly ProblemCode[];

/** Refusals of a route that either may call. */
const EITHER = [
  "origin_not_allowed",
  "token_missing",
  "token_invalid",
  "token_expired",
  "rate_limited",
] as const satisfies readonly ProblemCode[];

/** Refusals of a route that is the merchant's alone. */
const MERCHANT = ["origin_not_allowed", "api_key_invalid", "rate_limited"] as const satisfies readonly ProblemCode[];

/** Refusals of a route that changes something. */
const CHANGING = [
  "idempotency_key_missing",
  "idempotency_key_invalid",
  "body_invalid",
  "body_too_large",
  "unavailable",
] as const satisfies readonly ProblemCode[];

/** A route of the merchant's that changes one order. */
function operation(
  name: string,
  schema: keyof typeof BODIES,
  { summary, description, problems }: Pick<Route, "summary" | "problems"> & { readonly description: string },
): Route {
  return {
    method: "post",
    path: `/v1/charges/{order_id}/${name}`,
    name,
    summary,
    description,
    callers: ["merchant"],
    parameters: ["Idempotency-Key"],
    body: { schema, required: schema === "ResolveRequest" },
    answers: [{ status: 200, description: "The charge.", body: ["MerchantChargeAnswer"] }],
    problems: [...CONFIGURED, ...MERCHANT, ...CHANGING, "charge_not_found", ...problems],
  };
}

const UNDECIDED =
  "After 10 s without a decision the answer is the charge so far; it goes on by itself: read it, or ask again with the same key.";

/** What a callback is, by whichever method a shop is set to. */
const CALLBACK = {
  path: "/v1/callbacks/{kind}/{ticket}",
  description:
    "Its address is made for one attempt and is not to be guessed. Whatever it says is a hint to ask the gateway, never a decision. A result is always answered `ok`; a check is `rejected` where its attempt is not undecided, or where it says something else than the attempt.",
  callers: ["gateway"],
} as const satisfies Partial<Route>;

/** All routes, in the order in which they are described. */
export const ROUTES: readonly Route[] = [
  {
    method: "post",
    path: "/v1/charges",
    name: "charge",
    summary: "Charge the stored card",
    description: `A shopper sends her charge token and no body; the merchant's server its API key and a body. ${UNDECIDED}`,
    callers: ["shopper", "merchant"],
    parameters: ["Idempotency-Key"],
    body: { schema: "ChargeRequest", required: false, description: "With an API key alone; with a charge token there is no body." },
    answers: [
      { status: 201, description: "This call began an attempt.", body: ["ChargeView", "MerchantChargeAnswer"] },
      { status: 200, description: "The charge, which this call did not begin.", body: ["ChargeView", "MerchantChargeAnswer"] },
    ],
    problems: [...CONFIGURED, ...EITHER, ...CHANGING, "idempotency_key_reused", "charge_conflict", "charge_closed", "retry_not_allowed"],
  },
  {
    method: "get",
    path: "/v1/charges/{order_id}",
    name: "read",
    summary: "Read a charge, or wait for it to change",
    description:
      "A shopper sees what her page needs, also of an order that was never charged (`ready`), and for 24 hours after her token has expired. The merchant sees all of it, and 404 for an order that was never charged.",
    callers: ["shopper", "merchant"],
    parameters: ["If-None-Match", "Prefer"],
    body: null,
    answers: [
      { status: 200, description: "The charge.", body: ["ChargeView", "MerchantChargeAnswer"], headers: ["ETag"] },
      { status: 304, description: "It did not change.", body: [], headers: ["ETag"] },
    ],
    problems: [...CONFIGURED, ...EITHER, "order_mismatch", "charge_not_found", "charge_conflict", "unavailable"],
  },
  operation("clearing", "AmountRequest", {
    summary: "Clear a hold, or a part of it",
    description: UNDECIDED,
    problems: ["idempotency_key_reused", "operation_in_progress", "operation_not_allowed", "amount_exceeds"],
  }),
  operation("reverse", "EmptyRequest", {
    summary: "Give a hold back",
    description: UNDECIDED,
    problems: ["operation_in_progress", "operation_not_allowed"],
  }),
  operation("refund", "AmountRequest", {
    summary: "Refund a payment, or a part of it",
    description: UNDECIDED,
    problems: ["idempotency_key_reused", "operation_in_progress", "operation_not_allowed", "amount_exceeds"],
  }),
  operation("close", "EmptyRequest", {
    summary: "Begin no attempt any more",
    description: "Also on an order that was never charged. A payment that is on its way is still found out.",
    problems: [],
  }),
  operation("resolve", "ResolveRequest", {
    summary: "Say what became of a stuck charge or operation",
    description: "A payment that is named is read first. It is adopted even if its amount or date differ, never if its order_id does.",
    problems: ["idempotency_key_reused", "operation_in_progress", "operation_not_allowed"],
  }),
  operation("notify", "NotifyRequest", {
    summary: "Send a notification again",
    description:
      "Under its own id and with what it said then. The answer comes when the receiver has answered, or after 10 s: see `notifications`.",
    problems: ["idempotency_key_reused", "operation_not_allowed"],
  }),
  {
    method: "get",
    path: "/v1/charges",
    name: "list",
    summary: "The charges of a day",
    description:
      "All charges to which something happened on that day, each as it is now: for reconciliation, and with `status` for finding what is stuck. A change is in the list after a few seconds.",
    callers: ["merchant"],
    parameters: ["day", "status", "after"],
    body: null,
    answers: [{ status: 200, description: "A page of the list.", body: ["DayList"] }],
    problems: [...CONFIGURED, ...MERCHANT, "body_invalid", "unavailable"],
  },
  {
    ...CALLBACK,
    method: "post",
    name: "callback",
    summary: "The gateway calls back",
    parameters: [],
    body: { schema: "CallbackRequest", required: false },
    answers: [{ status: 200, description: "In the shape of the request: JSON, or the older API's XML.", body: ["CallbackAnswer"] }],
    problems: [...CONFIGURED, "charge_not_found", "body_too_large", "body_invalid", "unavailable"],
  },
  {
    ...CALLBACK,
    method: "get",
    name: "callbackByGet",
    summary: "The gateway calls back, its fields in the query",
    parameters: ["fields"],
    body: null,
    answers: [{ status: 200, description: "The older API's XML; JSON where there is no query.", body: ["CallbackAnswer"] }],
    problems: [...CONFIGURED, "charge_not_found", "unavailable"],
  },
  {
    method: "get",
    path: "/v1/freedom-pay-charge.js",
    name: "element",
    summary: "The element, for a page's script tag",
    callers: ["anyone"],
    parameters: ["If-None-Match"],
    body: null,
    answers: [
      { status: 200, description: "JavaScript.", body: [], mediaType: "text/javascript", headers: ["ETag", "Cache-Control"] },
      { status: 304, description: "It did not change.", body: [], headers: ["ETag"] },
    ],
    problems: ["internal"],
  },
  {
    method: "get",
    path: "/v1/doctor",
    name: "doctor",
    summary: "Examine the deployment",
    description:
      "Settings, keys, clock, and whether the gateway is reached and takes the signature. Charges nothing. Answers also when other settings than EDGE_API_KEY are missing.",
    callers: ["merchant"],
    parameters: [],
    body: null,
    answers: [{ status: 200, description: "What was found, and what to do about it.", body: ["DoctorReport"] }],
    problems: [...CONFIGURED, ...MERCHANT],
  },
  {
    method: "get",
    path: "/healthz",
    name: "health",
    summary: "Whether the edge can work",
    description: "All settings are there, and the signer makes the official example's signature. Never calls the gateway.",
    callers: ["anyone"],
    parameters: [],
    body: null,
    answers: [{ status: 200, description: "It can.", body: ["HealthAnswer"] }],
    problems: [...CONFIGURED, "unavailable"],
  },
];
