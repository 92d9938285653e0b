/** The edge's routes, as data: who may call them, what they take, what they answer. The OpenAPI description is made from here. */
import type { ProblemCode } from "./edge-api.ts";

/** Who calls a route: with a charge token, with an API key, or with neither. */
export type RouteCaller = "shopper" | "merchant" | "gateway" | "anyone";

/** The headers and members of the query that a route takes. */
export type RouteParameter = "Idempotency-Key" | "If-None-Match" | "Prefer" | "day" | "status" | "after" | "fields";

/** What a route answers when it does not refuse. */
export interface RouteAnswer {
  readonly status: 200 | 201 | 304;
  readonly description: string;
  /** Names of schemas of src/edge-api.ts, any of which it may be; none for an answer without a body. */
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
  /** The name of a schema of edge/http/bodies.ts, and whether there may be no body at all. Null: it takes none. */
  readonly body: { readonly schema: string; readonly required: boolean; readonly description?: string } | null;
  readonly answers: readonly RouteAnswer[];
  readonly problems: readonly ProblemCode[];
}

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
  schema: string,
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
