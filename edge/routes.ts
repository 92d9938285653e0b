/**
 * The edge's HTTP API as two tables: the calls, and their OpenAPI descriptions. They are separate so that the Worker, which imports the
 * first, does not contain the second.
 */
import type * as answers from "../src/edge-api.ts";
import type { ProblemCode } from "../src/lib/problems.ts";
import type * as bodies from "./http/bodies.ts";

/** The callers of a route: with a charge token, with an API key, or with neither. */
export type RouteCaller = "shopper" | "merchant" | "gateway" | "anyone";

/** One call. */
export interface Call {
  readonly method: "get" | "post";
  /** With names in braces, as in OpenAPI. */
  readonly path: string;
  readonly callers: readonly RouteCaller[];
  /** False if HEAD is refused although there is a GET. */
  readonly head?: false;
}

/** All calls, by name. */
export const ROUTES = {
  charge: { method: "post", path: "/v1/charges", callers: ["shopper", "merchant"] },
  read: { method: "get", path: "/v1/charges/{order_id}", callers: ["shopper", "merchant"] },
  clearing: { method: "post", path: "/v1/charges/{order_id}/clearing", callers: ["merchant"] },
  reverse: { method: "post", path: "/v1/charges/{order_id}/reverse", callers: ["merchant"] },
  refund: { method: "post", path: "/v1/charges/{order_id}/refund", callers: ["merchant"] },
  close: { method: "post", path: "/v1/charges/{order_id}/close", callers: ["merchant"] },
  resolve: { method: "post", path: "/v1/charges/{order_id}/resolve", callers: ["merchant"] },
  notify: { method: "post", path: "/v1/charges/{order_id}/notify", callers: ["merchant"] },
  list: { method: "get", path: "/v1/charges", callers: ["merchant"] },
  callback: { method: "post", path: "/v1/callbacks/{kind}/{ticket}", callers: ["gateway"] },
  // A HEAD asks for a GET's headers alone, so it is not a callback.
  callbackByGet: { method: "get", path: "/v1/callbacks/{kind}/{ticket}", callers: ["gateway"], head: false },
  returned: { method: "get", path: "/v1/returns/{ticket}/{by}", callers: ["anyone"], head: false },
  returnedByPost: { method: "post", path: "/v1/returns/{ticket}/{by}", callers: ["anyone"] },
  element: { method: "get", path: "/v1/freedom-pay-charge.js", callers: ["anyone"] },
  doctor: { method: "get", path: "/v1/doctor", callers: ["merchant"] },
  health: { method: "get", path: "/healthz", callers: ["anyone"] },
} as const satisfies Readonly<Record<string, Call>>;

/** The name of a call. */
export type RouteName = keyof typeof ROUTES;

/** All calls. */
export const CALLS: readonly (Call & { readonly name: RouteName })[] = Object.entries(ROUTES).map(([name, call]) => ({
  name: name as RouteName,
  ...call,
}));

/** The kinds of callbacks: the values of `{kind}` in a path. */
export const CALLBACK_KINDS = ["check", "result"] as const;

/** The path of a callback, for the URL that the gateway gets. */
export function callbackPath(kind: (typeof CALLBACK_KINDS)[number], ticket: string): string {
  return ROUTES.callback.path.replace("{kind}", kind).replace("{ticket}", () => ticket);
}

/** How a shopper returns from a payment page: the values of `{by}` in a path. */
export const RETURNS = ["paid", "failed"] as const;

/** The path of a return, for the URL that the gateway sends the browser to. */
export function returnPath(ticket: string, by: (typeof RETURNS)[number]): string {
  return ROUTES.returned.path.replace("{by}", by).replace("{ticket}", () => ticket);
}

/** A path in hono's syntax: `/v1/charges/:order_id`. */
export function honoPath(path: string): string {
  return path
    .replace("{kind}", `:kind{${CALLBACK_KINDS.join("|")}}`)
    .replace("{by}", `:by{${RETURNS.join("|")}}`)
    .replace(/\{(\w+)\}/g, ":$1");
}

/** The methods of a path, as in the header `Allow` (RFC 9110, section 10.2.1). */
export function allowedMethods(path: string): string {
  const calls = CALLS.filter((call) => call.path === path);
  const get = calls.find(({ method }) => method === "get");
  const isAllowed: Readonly<Record<string, boolean>> = {
    GET: get !== undefined,
    HEAD: get !== undefined && get.head !== false,
    POST: calls.some(({ method }) => method === "post"),
    OPTIONS: true,
  };
  return Object.keys(isAllowed)
    .filter((method) => isAllowed[method])
    .join(", ");
}

/** The headers and query parameters of a call. */
export type RouteParameter = "Idempotency-Key" | "If-None-Match" | "Prefer" | "day" | "status" | "after" | "fields";

/** An answer of a call that is not a refusal. */
export interface RouteAnswer {
  readonly status: 200 | 201 | 303 | 304;
  readonly description: string;
  /** The possible bodies. None for an answer without a body. */
  readonly body: readonly Capitalize<keyof typeof answers>[];
  /** Default: `application/json`. */
  readonly mediaType?: string;
  readonly headers?: readonly ("ETag" | "Cache-Control" | "Location")[];
}

/** The description of a call. */
interface RouteDescription {
  readonly summary: string;
  readonly description?: string;
  readonly parameters: readonly RouteParameter[];
  /** The body, and whether it is required. Null: there is none. */
  readonly body: { readonly schema: Capitalize<keyof typeof bodies>; readonly required: boolean; readonly description?: string } | null;
  readonly answers: readonly RouteAnswer[];
  /** Lists of refusals. */
  readonly problems: readonly (readonly ProblemCode[])[];
}

/** A call with its description. */
export interface Route extends Call, Omit<RouteDescription, "problems"> {
  readonly name: RouteName;
  readonly problems: readonly ProblemCode[];
}

/** Refusals of every call that reads the settings. */
const CONFIGURED = ["not_configured", "internal"] as const satisfies readonly ProblemCode[];

/** Refusals of a call by shopper or merchant. */
const SHOPPER_OR_MERCHANT = [
  "origin_not_allowed",
  "token_missing",
  "token_invalid",
  "token_expired",
  "rate_limited",
] as const satisfies readonly ProblemCode[];

/** Refusals of a call by the merchant alone. */
const MERCHANT = ["origin_not_allowed", "api_key_invalid", "rate_limited"] as const satisfies readonly ProblemCode[];

/** Refusals of a call that changes something. */
const WRITING = [
  "idempotency_key_missing",
  "idempotency_key_invalid",
  "body_invalid",
  "body_too_large",
  "unavailable",
] as const satisfies readonly ProblemCode[];

const UNDECIDED_AFTER_10_S =
  "If there is no decision within 10 s, the answer is the charge in its current state. The edge continues by itself: read the charge, or repeat the call with the same key.";

const CALLBACK_DESCRIPTION =
  "Its address belongs to one attempt and cannot be guessed. Its content is a hint to read the payment, never a decision about money. A result is always answered `ok`; a verified one of a payment page may name the saved card. A check is answered `rejected` if its attempt is not undecided, if it contradicts the attempt, if another attempt of the order may still be paid, or if the order is closed. A check of a payment page is also `rejected` if it does not verify.";

const RETURN_DESCRIPTION =
  "The browser's way back from Freedom Pay's page, by an address that belongs to one attempt. It proves nothing: the charge is read. Where the page saves a card, the first return as `paid` appends `freedom_pay_return` to the query, in place of one that is there. An unknown address is a small HTML page with 404, an order after its retention one with 410. A browser (`Accept: text/html`) gets 500 and 503 as such a page too.";

const CHARGE_ANSWER: RouteAnswer = { status: 200, description: "The charge.", body: ["MerchantChargeAnswer"] };
const NOT_CHANGED: RouteAnswer = { status: 304, description: "The charge has not changed.", body: [], headers: ["ETag"] };

/**
 * The description of each call. It is a function because a bundler keeps a constant that it cannot prove to be pure, even if nothing uses
 * it.
 */
function descriptions(): Readonly<Record<RouteName, RouteDescription>> {
  return {
    charge: {
      summary: "Charge the stored card",
      description: `A shopper sends their charge token and no body. The merchant's server sends its API key and a body. While the setting ACCEPT_PAYMENTS is false, a call under a new key is refused as unavailable, for 300 seconds. While 256 payments are under way in the process, every call is refused so, for 5 to 10 seconds. ${UNDECIDED_AFTER_10_S}`,
      parameters: ["Idempotency-Key", "Prefer"],
      body: { schema: "ChargeRequest", required: false, description: "Only with an API key. With a charge token there is no body." },
      answers: [
        { status: 201, description: "This call began an attempt.", body: ["ChargeView", "MerchantChargeAnswer"] },
        { status: 200, description: "This call began no attempt.", body: ["ChargeView", "MerchantChargeAnswer"] },
      ],
      problems: [
        CONFIGURED,
        SHOPPER_OR_MERCHANT,
        WRITING,
        ["idempotency_key_reused", "charge_conflict", "charge_closed", "retry_not_allowed"],
      ],
    },
    read: {
      summary: "Read a charge, or wait for it to change",
      description:
        "A shopper sees the members that their page needs, also for an order that was never charged (`ready`), and for 24 hours after their token has expired. The merchant sees all members, and gets 404 for an order that was never charged.",
      parameters: ["If-None-Match", "Prefer"],
      body: null,
      answers: [{ status: 200, description: "The charge.", body: ["ChargeView", "MerchantChargeAnswer"], headers: ["ETag"] }, NOT_CHANGED],
      problems: [CONFIGURED, SHOPPER_OR_MERCHANT, ["order_mismatch", "charge_not_found", "charge_conflict", "unavailable"]],
    },
    clearing: {
      summary: "Clear a hold, or a part of it",
      description: UNDECIDED_AFTER_10_S,
      parameters: ["Idempotency-Key"],
      body: { schema: "AmountRequest", required: false },
      answers: [CHARGE_ANSWER],
      problems: [
        CONFIGURED,
        MERCHANT,
        WRITING,
        ["charge_not_found", "idempotency_key_reused", "operation_in_progress", "operation_not_allowed", "amount_exceeds"],
      ],
    },
    reverse: {
      summary: "Release a hold",
      description: UNDECIDED_AFTER_10_S,
      parameters: ["Idempotency-Key"],
      body: { schema: "EmptyRequest", required: false },
      answers: [CHARGE_ANSWER],
      problems: [CONFIGURED, MERCHANT, WRITING, ["charge_not_found", "operation_in_progress", "operation_not_allowed"]],
    },
    refund: {
      summary: "Refund a payment, or a part of it",
      description: UNDECIDED_AFTER_10_S,
      parameters: ["Idempotency-Key"],
      body: { schema: "AmountRequest", required: false },
      answers: [CHARGE_ANSWER],
      problems: [
        CONFIGURED,
        MERCHANT,
        WRITING,
        ["charge_not_found", "idempotency_key_reused", "operation_in_progress", "operation_not_allowed", "amount_exceeds"],
      ],
    },
    close: {
      summary: "Close an order: no further attempt begins",
      description: "Also for an order that was never charged. A payment that is still undecided is still found out.",
      parameters: ["Idempotency-Key"],
      body: { schema: "EmptyRequest", required: false },
      answers: [CHARGE_ANSWER],
      problems: [CONFIGURED, MERCHANT, WRITING, ["charge_not_found"]],
    },
    resolve: {
      summary: "Decide a stuck charge or operation",
      description:
        "The edge first reads a payment that is named. It is adopted even if its amount or date differ, never if its order_id does.",
      parameters: ["Idempotency-Key"],
      body: { schema: "ResolveRequest", required: true },
      answers: [CHARGE_ANSWER],
      problems: [
        CONFIGURED,
        MERCHANT,
        WRITING,
        ["charge_not_found", "idempotency_key_reused", "operation_in_progress", "operation_not_allowed"],
      ],
    },
    notify: {
      summary: "Send a notification again",
      description:
        "With its own id and its original content. The answer comes when the receiver has answered, or after 10 s: see `notifications`.",
      parameters: ["Idempotency-Key"],
      body: { schema: "NotifyRequest", required: false },
      answers: [CHARGE_ANSWER],
      problems: [CONFIGURED, MERCHANT, WRITING, ["charge_not_found", "idempotency_key_reused", "operation_not_allowed"]],
    },
    list: {
      summary: "The charges of a day",
      description:
        "All charges that changed on that day, each in its current state: for reconciliation, and with `status` to find stuck charges. A change is in the list after a few seconds.",
      parameters: ["day", "status", "after"],
      body: null,
      answers: [{ status: 200, description: "A page of the list.", body: ["DayList"] }],
      problems: [CONFIGURED, MERCHANT, ["body_invalid", "unavailable"]],
    },
    callback: {
      summary: "A callback of the gateway",
      description: CALLBACK_DESCRIPTION,
      parameters: [],
      body: { schema: "CallbackRequest", required: false },
      answers: [{ status: 200, description: "In the format of the request: JSON, or the older API's XML.", body: ["CallbackAnswer"] }],
      problems: [CONFIGURED, ["charge_not_found", "body_too_large", "body_invalid", "unavailable"]],
    },
    callbackByGet: {
      summary: "A callback of the gateway by GET",
      description: CALLBACK_DESCRIPTION,
      parameters: ["fields"],
      body: null,
      answers: [{ status: 200, description: "The older API's XML, or JSON if there is no query.", body: ["CallbackAnswer"] }],
      problems: [CONFIGURED, ["charge_not_found", "unavailable"]],
    },
    returned: {
      summary: "A shopper comes back from a payment page",
      description: RETURN_DESCRIPTION,
      parameters: [],
      body: null,
      answers: [{ status: 303, description: "To the return_url of the charge.", body: [], headers: ["Location"] }],
      problems: [CONFIGURED, ["unavailable"]],
    },
    returnedByPost: {
      summary: "A shopper comes back from a payment page by POST",
      description: RETURN_DESCRIPTION,
      parameters: [],
      body: null,
      answers: [{ status: 303, description: "To the return_url of the charge.", body: [], headers: ["Location"] }],
      problems: [CONFIGURED, ["unavailable"]],
    },
    element: {
      summary: "The element, for a page's script tag",
      parameters: ["If-None-Match"],
      body: null,
      answers: [
        { status: 200, description: "JavaScript.", body: [], mediaType: "text/javascript", headers: ["ETag", "Cache-Control"] },
        NOT_CHANGED,
      ],
      problems: [["internal"]],
    },
    doctor: {
      summary: "Examine the deployment",
      description:
        "Settings, keys, clock, and whether the gateway is reached and accepts the signature. Charges nothing. Answers also if settings other than EDGE_API_KEY are missing.",
      parameters: [],
      body: null,
      answers: [{ status: 200, description: "The findings, and how to fix them.", body: ["DoctorReport"] }],
      problems: [CONFIGURED, MERCHANT],
    },
    health: {
      summary: "Whether the edge can work",
      description: "All settings are valid, and the signer reproduces the official example's signature. Never calls the gateway.",
      parameters: [],
      body: null,
      answers: [{ status: 200, description: "It can work.", body: ["HealthAnswer"] }],
      problems: [CONFIGURED, ["unavailable"]],
    },
  };
}

/** All calls with their descriptions, in the order of the table. */
export function describedRoutes(): readonly Route[] {
  const table = descriptions();
  return CALLS.map((call) => {
    const { problems, ...description } = table[call.name];
    return { ...call, ...description, problems: problems.flat() };
  });
}
