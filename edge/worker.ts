/**
 * The edge over HTTP: its routes, and the common part of every answer. To mount it in a Worker of your own, pass requests to `edge.fetch`
 * and export `Charge` and `DailyIndex` beside it.
 */
import { Hono } from "hono";
import type { Context } from "hono";
import { routePath } from "hono/route";
import { isOrderId } from "../src/lib/members.ts";
import { requestId as newRequestId } from "../src/request-id.ts";
import type { Limiter } from "./http/access.ts";
import { countRefused, identify, identifyMerchant } from "./http/access.ts";
import { readBody, readBodyOrNone } from "./http/body.ts";
import { answerCallback } from "./http/callback/answer.ts";
import { queryOf, readCallback } from "./http/callback/body.ts";
import { makeCallbackUrls } from "./http/callback/urls.ts";
import { shopperCharge } from "./http/shopper-charge.ts";
import { keyOfCallback } from "./http/callback/signature.ts";
import { verifyCallback } from "./http/callback/verified.ts";
import type {
  CallbackResponse,
  DayPage,
  OperateRequest,
  OperationResponse,
  PayResponse,
  ReadResponse,
  Refusal,
  ReturnResponse,
} from "./rpc.ts";
import type { Charge } from "./charge.ts";
import { OPEN_PAYMENTS } from "./charge.ts";
import type { DailyIndex } from "./daily-index.ts";
import { readDayQuery } from "./http/day-query.ts";
import { clientAddress } from "./http/client-address.ts";
import { allowOrigin, preflight, refusedOrigin } from "./http/cors.ts";
import { examine } from "./doctor/doctor.ts";
import { serveElement } from "./http/element-file.ts";
import { signsAsPublished } from "./http/health.ts";
import { dayName, homeOf, shardAt } from "./home.ts";
import { readIdempotencyKey } from "./http/idempotency-key.ts";
import type { RequestContext, LogLine } from "./log.ts";
import { describeError, log, traceId } from "./log.ts";
import { readAmount, readMerchantCharge, readNothing, readResolution, readSequence } from "./http/merchant-body.ts";
import { pageRequest } from "./http/page-request.ts";
import { refuseIfOverloaded } from "./shard/overload.ts";
import { PAY_WAITS, READ_WAITS, readWait } from "./http/prefer.ts";
import { problem, Refused } from "./http/problem.ts";
import { apiToCharge } from "./http/profile-access.ts";
import type { Call, RouteName } from "./routes.ts";
import { allowedMethods, CALLS, callbackPath, honoPath, returnPath, ROUTES } from "./routes.ts";
import type { Settings } from "./settings.ts";
import { configurationOf } from "./settings.ts";
import { shardOf, slotOf } from "./storage/placement.ts";
import { redirectToShop, returnLater, returnProblem } from "./http/return-answer.ts";
import { openTicket } from "./http/ticket.ts";

export { Charge } from "./charge.ts";
export { DailyIndex } from "./daily-index.ts";

/** The bindings of the Worker's environment, beside the settings (see edge/README.md). */
export interface EdgeBindings {
  /** Shards of orders: class `Charge`. */
  readonly CHARGES: DurableObjectNamespace<Charge>;
  /** Optional, for the lists of days: one object per day, class `DailyIndex`. */
  readonly DAYS?: DurableObjectNamespace<DailyIndex>;
  /** Optional: 300 refused credentials per address and minute. */
  readonly REFUSED_CREDENTIALS?: Limiter;
}

interface EdgeContext {
  Bindings: EdgeBindings;
  Variables: { requestId: string; logFields: Pick<LogLine, "order_id" | "caller" | "code"> };
}

/** Seconds until a caller may retry when an order's object was unreachable. */
const UNAVAILABLE_FOR = 2;

type Operate = (object: DurableObjectStub<Charge>, call: Pick<OperateRequest, "request" | "orderId" | "key">) => Promise<OperationResponse>;

type Handle = (c: Context<EdgeContext>) => Response | Promise<Response>;

const app = new Hono<EdgeContext>();

app.use(async (c, next) => {
  const started = Date.now();
  const requestId = newRequestId();
  c.set("requestId", requestId);
  c.set("logFields", {});
  await next();
  const { headers, status } = c.res;
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("X-Request-Id", requestId);
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
  // The element's file sets its own CORS header, for every page.
  const allowsEveryOrigin = headers.has("Access-Control-Allow-Origin");
  const origin = c.req.header("Origin") ?? null;
  const { allowedOrigins } = configurationOf(c.env);
  if (!allowsEveryOrigin) allowOrigin(headers, origin, allowedOrigins);
  log({
    event: "request",
    request_id: requestId,
    method: c.req.method,
    route: routePath(c, -1),
    status,
    refused_origin: allowsEveryOrigin ? null : refusedOrigin(origin, allowedOrigins),
    milliseconds: Date.now() - started,
    trace_id: requestContextOf(c).traceId,
    ...c.var.logFields,
  });
});

app.onError(async (error, c) => {
  if (error instanceof Refused) return refuse(c, await countRefused(error, c.env.REFUSED_CREDENTIALS, addressForLimiter(c)));
  logError(c, error);
  return refuse(c, new Refused("internal"));
});

app.notFound((c) => refuse(c, new Refused("route_not_found")));

app.options(ROUTES.element.path, (c) => {
  const answer = preflight(c.req.raw.headers, configurationOf(c.env).allowedOrigins);
  answer.headers.set("Access-Control-Allow-Origin", "*");
  return answer;
});

app.options("*", (c) => preflight(c.req.raw.headers, configurationOf(c.env).allowedOrigins));

/** Registers a call of the table. */
function on(name: RouteName, handle: Handle): void {
  const { method, path, head }: Call = ROUTES[name];
  app.on(method.toUpperCase(), honoPath(path), (c) => {
    if (head === false && c.req.method === "HEAD") throw notAllowed(path);
    return handle(c);
  });
}

on("charge", async (c) => {
  refuseIfOverloaded(OPEN_PAYMENTS, Date.now());
  const settings = requireSettings(c);
  const caller = await identify(c.req.raw, settings, "pay");
  addLogFields(c, { caller: caller.who });
  const key = readIdempotencyKey(c.req.header("Idempotency-Key") ?? null);
  const body = await readBody(c.req.raw);
  const parsed =
    caller.who === "merchant" ? { ...readMerchantCharge(body), issuedAt: null } : shopperCharge(c.req.raw, settings, caller.token, body);
  const api = await apiToCharge(settings, parsed.charge, caller.who);
  const page = await pageRequest(settings, parsed.charge, caller.who, returnPath);
  const object = objectOf(c, settings, parsed.charge.order_id);
  const callbackUrls = await makeCallbackUrls(settings, parsed.charge.order_id, callbackPath);
  const reply = await replyOf<PayResponse>(
    c,
    object.pay({
      request: requestContextOf(c),
      caller: caller.who,
      key,
      api,
      page,
      ...parsed,
      ...callbackUrls,
      waitSeconds: readWait(c.req.header("Prefer") ?? null, PAY_WAITS),
      acceptsPayments: settings.acceptPayments,
    }),
  );
  if (!reply.ok) throw refusedBy(reply);
  return Response.json(reply.charge, { status: reply.began ? 201 : 200 });
});

on("list", async (c) => {
  const settings = requireSettings(c);
  await identifyMerchant(c.req.raw, settings);
  addLogFields(c, { caller: "merchant" });
  const query = readDayQuery(new URL(c.req.url).searchParams);
  if (c.env.DAYS === undefined) throw new Refused("not_configured", { settings: ["DAYS"], detail: "DAYS is not bound" });
  const { charges, next } = await replyOf<DayPage>(c, c.env.DAYS.getByName(dayName(settings, query.day)).list(query));
  // The views are already JSON.
  const list = `{"charges":[${charges.join(",")}],"next":${JSON.stringify(next)}}`;
  return new Response(list, { headers: { "Content-Type": "application/json" } });
});

on("read", async (c) => {
  const settings = requireSettings(c);
  const caller = await identify(c.req.raw, settings, "read");
  addLogFields(c, { caller: caller.who });
  const orderId = c.req.param("order_id") ?? "";
  const charge = caller.who === "shopper" ? caller.token.charge : null;
  if (charge !== null && charge.order_id !== orderId) throw new Refused("order_mismatch");
  // An invalid order_id must not create an object.
  if (!isOrderId(orderId)) throw new Refused("charge_not_found");
  const ifNoneMatch = c.req.header("If-None-Match") ?? null;
  const waitSeconds = readWait(c.req.header("Prefer") ?? null, READ_WAITS);
  const object = objectOf(c, settings, orderId);
  const reply = await replyOf<ReadResponse>(
    c,
    object.read({ request: requestContextOf(c), caller: caller.who, orderId, charge, ifNoneMatch, waitSeconds }),
  );
  if (!reply.ok) throw refusedBy(reply);
  const headers = { ETag: reply.etag, ...(reply.retryAfter === undefined ? {} : { "Retry-After": String(reply.retryAfter) }) };
  return "notModified" in reply ? new Response(null, { status: 304, headers }) : Response.json(reply.charge, { headers });
});

/** Registers a merchant's call that changes one order. @param read validates the body and returns the call of the object */
function onChange(name: RouteName, read: (body: Uint8Array, settings: Settings) => Operate): void {
  on(name, async (c) => {
    const settings = requireSettings(c);
    await identifyMerchant(c.req.raw, settings);
    addLogFields(c, { caller: "merchant" });
    const orderId = c.req.param("order_id") ?? "";
    if (!isOrderId(orderId)) throw new Refused("charge_not_found");
    const key = readIdempotencyKey(c.req.header("Idempotency-Key") ?? null);
    // The body is read before the object is called.
    const perform = read(await readBody(c.req.raw), settings);
    const reply = await replyOf<OperationResponse>(
      c,
      perform(objectOf(c, settings, orderId), { request: requestContextOf(c), orderId, key }),
    );
    if (!reply.ok) throw refusedBy(reply);
    return Response.json(reply.charge);
  });
}

function operateCall(kind: OperateRequest["kind"], amount: number | null): Operate {
  return async (object, call) => object.operate({ ...call, kind, amount });
}

onChange("clearing", (body) => operateCall("clearing", readAmount(body)));

onChange("refund", (body) => operateCall("refund", readAmount(body)));

onChange("reverse", (body) => {
  readNothing(body);
  return operateCall("reverse", null);
});

onChange("close", (body) => {
  readNothing(body);
  return async (object, call) => object.close(call);
});

onChange("resolve", (body) => {
  const resolution = readResolution(body);
  return async (object, call) => object.resolve({ ...call, ...resolution });
});

onChange("notify", (body, { notifyUrl }) => {
  const sequence = readSequence(body);
  if (notifyUrl === null) throw new Refused("not_configured", { settings: ["NOTIFY_URL"], detail: "NOTIFY_URL is not set" });
  return async (object, call) => object.notify({ ...call, sequence });
});

on("callback", handleCallback);

/** A shop can be configured for GET. */
on("callbackByGet", handleCallback);

on("returned", handleReturn);

on("returnedByPost", handleReturn);

on("element", (c) => serveElement(c.req.header("If-None-Match") ?? null));

/**
 * Answers also if settings are missing. Without a valid EDGE_API_KEY the merchant cannot be recognized, so the answer is `not_configured`,
 * which is public.
 */
on("doctor", async (c) => {
  const { apiKeys, allowedOrigins } = configurationOf(c.env);
  if (apiKeys.length === 0) requireSettings(c);
  await identifyMerchant(c.req.raw, { apiKeys, allowedOrigins });
  addLogFields(c, { caller: "merchant" });
  return Response.json(await examine({ ...c.env }, c.req.raw));
});

on("health", async (c) => {
  requireSettings(c);
  if (!(await signsAsPublished()))
    throw new Refused("unavailable", { detail: "The signer does not reproduce the official example's signature" });
  return Response.json({ ok: true });
});

for (const path of new Set(CALLS.map((call) => call.path)))
  app.all(honoPath(path), () => {
    throw notAllowed(path);
  });

function notAllowed(path: string): Refused {
  return new Refused("method_not_allowed", { allow: allowedMethods(path) });
}

/**
 * Answers a callback by any method. If the ticket's MAC verifies, the answer is always 200 in the format of the request, even if the
 * order's object no longer has the attempt. The object decides between `ok` and `rejected`.
 */
async function handleCallback(c: Context<EdgeContext>): Promise<Response> {
  const settings = requireSettings(c);
  const { kind, ticket = "" } = c.req.param();
  const received = kind === "check" ? "check" : "result";
  const opened = await openTicket(received, ticket, settings.callbackKeys);
  if (opened === null) throw new Refused("charge_not_found");
  const contentType = c.req.header("Content-Type") ?? null;
  const body = kind === "result" ? await readBodyOrNone(c.req.raw) : await readBody(c.req.raw);
  const { shape, content, readings } = await readCallback({ contentType, body, query: queryOf(c.req.raw) });
  const { orderId } = opened;
  const verified = await verifyCallback({ kind: received, request: c.req.raw, body }, settings.gatewayKeys);
  const call = { request: requestContextOf(c), orderId, kind: received, ticket: opened.name, content, ...verified } as const;
  const reply = await replyOf<CallbackResponse>(c, objectOf(c, settings, orderId).callback(call));
  if (!reply.ok) throw refusedBy(reply);
  const secretKey = await keyOfCallback(readings, ticket, settings.gatewayKeys);
  return answerCallback(shape, reply.answer, { script: ticket, secretKey });
}

/** Sends a shopper who comes back from a payment page to the shop. It proves nothing (P7). */
async function handleReturn(c: Context<EdgeContext>): Promise<Response> {
  const settings = requireSettings(c);
  const { ticket = "" } = c.req.param();
  const by = c.req.param("by") === "paid" ? "paid" : "failed";
  const language = c.req.header("Accept-Language") ?? null;
  const opened = await openTicket(`return-${by}`, ticket, settings.callbackKeys);
  if (opened === null) return returnProblem("unknown", language);
  const { orderId, name } = opened;
  const call = { request: requestContextOf(c), orderId, ticket: name, by } as const;
  const reply = await replyOf<ReturnResponse>(c, objectOf(c, settings, orderId).returned(call));
  if (!reply.ok && reply.code === "charge_not_found") return returnProblem("unknown", language);
  if (!reply.ok) throw refusedBy(reply);
  return "gone" in reply ? returnProblem("gone", language) : redirectToShop(reply.returnUrl, reply.code);
}

/** The settings, or a refusal that names every missing or invalid one. */
function requireSettings(c: Context<EdgeContext>): Settings {
  const { reading } = configurationOf(c.env);
  const unbound = c.env.CHARGES === undefined ? [{ setting: "CHARGES", why: "is not bound" }] : [];
  if (reading.ok && unbound.length === 0) return reading.settings;
  const errors = [...(reading.ok ? [] : reading.errors), ...unbound];
  throw new Refused("not_configured", {
    settings: errors.map(({ setting }) => setting),
    detail: errors.map(({ setting, why }) => `${setting} ${why}`).join("; "),
  });
}

/** The object that stores an order: its shard, at this merchant, at this gateway (M1). */
function objectOf(c: Context<EdgeContext>, settings: Settings, orderId: string): DurableObjectStub<Charge> {
  addLogFields(c, { order_id: orderId });
  return shardAt(c.env.CHARGES, { home: homeOf(settings), locationHint: settings.locationHint }, shardOf(slotOf(orderId)));
}

function refusedBy({ ok, code, ...extras }: Refusal): Refused {
  return new Refused(code, extras);
}

function refuse(c: Context<EdgeContext>, { code, extras }: Refused): Response {
  addLogFields(c, { code });
  const answer = problem(code, c.var.requestId, extras);
  const isBrowserReturning = routePath(c, -1) === honoPath(ROUTES.returned.path) && c.req.header("Accept")?.includes("text/html") === true;
  return isBrowserReturning && answer.status >= 500 ? returnLater(answer, c.req.header("Accept-Language") ?? null) : answer;
}

/** The part of the request that an order's object logs. */
function requestContextOf(c: Context<EdgeContext>): RequestContext {
  return { requestId: c.var.requestId, traceId: traceId(c.req.header("traceparent") ?? null) };
}

function addLogFields(c: Context<EdgeContext>, logFields: EdgeContext["Variables"]["logFields"]): void {
  c.set("logFields", { ...c.var.logFields, ...logFields });
}

function addressForLimiter(c: Context<EdgeContext>): string | null {
  const { reading } = configurationOf(c.env);
  return reading.ok ? clientAddress(c.req.raw, reading.settings.clientIpHeader) : null;
}

/**
 * The reply of an order's object, or a refusal if the object could not be reached, or was moved, restarted or overloaded. Only errors of
 * the object's own code are `remote` without another mark (Durable Objects, "Error handling").
 *
 * @throws Refused unavailable
 */
async function replyOf<Reply>(c: Context<EdgeContext>, reply: Promise<Reply>): Promise<Reply> {
  try {
    return await reply;
  } catch (error) {
    const flags = Object.assign({ remote: false, retryable: false, overloaded: false, durableObjectReset: false }, error);
    if (flags.remote && !flags.retryable && !flags.overloaded && !flags.durableObjectReset) throw error;
    logError(c, error);
    throw new Refused("unavailable", { retryAfter: UNAVAILABLE_FOR });
  }
}

function logError(c: Context<EdgeContext>, error: unknown): void {
  log({ event: "error", request_id: c.var.requestId, ...describeError(error) });
}

/** The edge as a Worker's fetch handler. */
export const edge: { fetch(request: Request, env: EdgeBindings, context: ExecutionContext): Response | Promise<Response> } = {
  fetch: (request, env, context) => app.fetch(request, env, context),
};

export default edge;
