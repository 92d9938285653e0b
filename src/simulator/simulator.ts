/** The simulated Freedom Pay over HTTP: a fetch handler that uses Web standards only. */

import { errorReply } from "./answers.ts";
import { endpointOf, ENDPOINTS } from "./parsed-call.ts";
import type { CallbackResult } from "./callback-answer.ts";
import { checkDeclines } from "./callback-answer.ts";
import type { PlannedCallback } from "./callbacks.ts";
import { checkBefore } from "./callbacks.ts";
import type { Wait } from "./callback-sender.ts";
import { createCallbackSender } from "./callback-sender.ts";
import type { EditRefusal } from "./edits.ts";
import { editInCabinet } from "./edits.ts";
import type { Fault } from "./fault.ts";
import { errorBody, htmlReply } from "./fault.ts";
import type { LedgerEntry, TruePayment } from "./ledger.ts";
import { ledger, payments, totalsOf } from "./ledger.ts";
import type { Entry, Log } from "./log.ts";
import { createLog } from "./log.ts";
import { unidentifiedReply } from "./merchant-answers.ts";
import type { MerchantCall } from "./merchant-call.ts";
import { merchantCallAt, readMerchantCall } from "./merchant-call.ts";
import { checkBeforeCharge, receiveMerchantCall } from "./merchant-model.ts";
import type { CallOutcome } from "./model.ts";
import { advance, receive } from "./model.ts";
import { PAGE_PATH } from "./page-address.ts";
import { createPageVisits } from "./page-visits.ts";
import type { CallbackFormat } from "./plan.ts";
import { rejectResult } from "./rejection.ts";
import { AnswerLost, breakingBody, responseOf } from "./response.ts";
import type { Instruction } from "./scenario.ts";
import { createScenario, nextInstruction, nextMerchantInstruction } from "./scenario.ts";
import { checkSignature } from "./signature-check.ts";
import type { Call, ModelOptions, ModelState, Outage, Queued, Reply } from "./state.ts";
import { createModel, outageAt } from "./state.ts";
import type { EditKind } from "./timeline.ts";

/** Options of {@link createSimulator}. */
export interface SimulatorOptions {
  /** Digits, as in the contract's `auth_id`. */
  readonly merchantId: string;
  /** The merchant's keys: a signature by any of them is accepted. The first one signs callbacks. */
  readonly secretKeys: readonly string[];
  /** The clock, epoch ms (default `Date.now`). */
  readonly now?: () => number;
  /** Waits so many milliseconds, or until the signal aborts (default: a timer). */
  readonly wait?: Wait;
  /** Sends callbacks (default: the global fetch). */
  readonly fetch?: typeof fetch;
  /** How many times faster than real time it runs: seconds of keywords, rows in `process`, holds (default 1). */
  readonly speed?: number;
  /** The format of callbacks (default `form`, the older API's signed form). A keyword of a profile id overrides it for its payments. */
  readonly callbackFormat?: CallbackFormat;
  /**
   * Which answers to `check_url` decline the payment. This is an option because their format is not published.
   * `respect` (default): `rejected` and `error`. `strict`: also a missing or unreadable answer, as in the older API.
   * `ignore`: none. A call that is accepted late is not checked.
   */
  readonly check?: "respect" | "strict" | "ignore";
  /** Time limit for the answer to a callback, ms (default 10 000). */
  readonly callbackTimeout?: number;
  /** Milliseconds before each repeat of a result callback without HTTP 200 (default four of 1000; half an hour each at the real gateway). */
  readonly callbackRepeats?: readonly number[];
  /** A lost answer: `reject` (default): fetch rejects with {@link AnswerLost}; `break`: a Response whose body fails with it. */
  readonly lost?: "reject" | "break";
  /** Maximum number of log entries; older ones are dropped (default 1000). */
  readonly maxLogEntries?: number;
  /**
   * Keywords for the profiles of the Merchant API, whose ids are digits: `{ "60144557": "decline-10009.lost-after" }`. A profile without
   * keywords pays at once.
   */
  readonly merchantProfiles?: Readonly<Record<string, string>>;
  /** Keywords for the payment pages of a user, by `pg_user_id`: `{ "customer-1": "lost-after" }`. On the page the shopper can choose others. */
  readonly merchantPages?: Readonly<Record<string, string>>;
  /** Other options of the model. */
  readonly model?: ModelOptions;
}

/** A simulated gateway. */
export interface Simulator {
  /**
   * Answers a request like the gateway.
   *
   * @throws AnswerLost when the answer is lost and the option `lost` is `reject`.
   */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly log: Log;
  /** Calls the listener with every new log entry, until the returned function is called. */
  readonly onEntry: (listener: (entry: Entry) => void) => () => void;
  /** The model itself. */
  readonly state: ModelState;
  /** The true state of the payments now. */
  readonly payments: () => readonly TruePayment[];
  /** Every movement of money until now, oldest first. */
  readonly ledger: () => readonly LedgerEntry[];
  /** What an order has cost its payer until now, in minor units, over all its attempts. */
  readonly totalsOf: (orderId: string) => ReturnType<typeof totalsOf>;
  /** Clearing, reverse or refund by hand in the merchant's cabinet; minor units (default: the rest). */
  readonly inCabinet: (kind: EditKind, orderId: string, minor?: number) => { readonly rowId: string } | { readonly code: EditRefusal };
  /** Starts an outage of so many milliseconds; `none` (default) breaks connections, a number is an HTTP status. */
  readonly startOutage: (milliseconds: number, answer?: Outage["answer"]) => void;
  /** Resolves when no callback is pending. */
  readonly idle: () => Promise<void>;
  /** Ends pending work: callbacks are dropped, late answers are sent immediately. */
  readonly close: () => void;
}

const timer: Wait = (milliseconds, signal) =>
  new Promise((resolve) => {
    if (signal.aborted || milliseconds <= 0) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(running);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const running = setTimeout(done, Math.min(milliseconds, 2 ** 31 - 1));
    signal.addEventListener("abort", done);
  });

const LARGEST_BODY = 1024 * 1024;

/** A description of the fault; null for a plain answer. */
function noteOf(fault: Fault, outcome: CallOutcome, now: number): string | null {
  const notes = [
    outcome.replayOf === "request" ? "repeated X-Request-Id: the original response" : null,
    outcome.replayOf === "order" ? "repeated order_id: the original response" : null,
    outcome.actsAt === null ? "did not act" : outcome.actsAt > now ? `acts ${outcome.actsAt - now} ms later` : null,
    outcome.reply === null ? "answer lost" : fault.answer === undefined ? null : "faulty answer",
    outcome.repliesAt > now ? `answers ${outcome.repliesAt - now} ms later` : null,
    fault.lag === undefined ? null : `shows the state of ${fault.lag} ms ago`,
    fault.shows === undefined ? null : "shows another state once",
  ].filter((note) => note !== null);
  return notes.length === 0 ? null : notes.join("; ");
}

interface Handled {
  readonly reply: Reply | null;
  readonly note: string | null;
}

/**
 * A simulated Freedom Pay for tests and demonstrations. It checks the signature of every request. Keywords in the profile id
 * choose the outcome of a payment and its faults: see `KEYWORDS`.
 *
 * @param options - see {@link SimulatorOptions}.
 * @throws TypeError when merchantId is not digits, or no key is given.
 *
 * @example
 * ```ts
 * import { callGateway, createGateway, createRecurrentPayment, requestId } from "freedom-pay-charge";
 * import { createSimulator } from "freedom-pay-charge/simulator";
 *
 * const merchant = { merchantId: "500000", secretKey: "test-secret-of-the-gateway" };
 * const simulator = createSimulator({ merchantId: merchant.merchantId, secretKeys: [merchant.secretKey] });
 * const gateway = await createGateway({ ...merchant, url: "https://test-api.freedompay.kz" }); // never called
 * const order = { order_id: "1", amount: 100, currency: "KZT", description: "Apples", user_id: "12345", auto_clearing: true } as const;
 * const call = createRecurrentPayment({ ...order, user_ip: "203.0.113.7", profile_id: "card-1" }, requestId());
 * await callGateway(gateway, call, { fetch: simulator.fetch });
 * console.log(simulator.totalsOf("1")); // { held: 0, taken: 10000, refunded: 0, payments: 1 }
 * simulator.close();
 * ```
 */
export function createSimulator(options: SimulatorOptions): Simulator {
  const [secretKey] = options.secretKeys;
  if (!/^\d{1,20}$/.test(options.merchantId)) {
    throw new TypeError("merchantId must be digits");
  }
  if (secretKey === undefined || options.secretKeys.includes("")) {
    throw new TypeError("secretKeys must contain at least one key, and no empty one");
  }
  const { now = Date.now, wait = timer, speed = 1, check = "respect" } = options;
  const log = createLog(options.maxLogEntries ?? 1000, options.secretKeys);
  const state = createModel({ settlesAfter: 2000 / speed, holdsFor: 432_000_000 / speed, pageSecond: 1000 / speed, ...options.model });
  const scenario = createScenario(speed);
  const closing = new AbortController();
  const pendingCallbacks = new Set<Promise<void>>();
  const scheduled = new WeakSet<Queued>();
  const callbackSender = createCallbackSender({
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    wait,
    now,
    log,
    secretKey,
    format: options.callbackFormat ?? "form",
    timeout: options.callbackTimeout ?? 10_000,
    repeats: options.callbackRepeats ?? [1000, 1000, 1000, 1000],
    onAnswer,
    closing: closing.signal,
  });

  const visitPage = createPageVisits({
    state,
    scenario,
    secretKeys: options.secretKeys,
    now,
    wait: (milliseconds) => (milliseconds > 0 ? wait(milliseconds, closing.signal) : Promise.resolve()),
    declines: async (callback) => checkDeclines(callback, await callbackSender.check(callback), check),
    send: (callbacks) => {
      scheduleQueue();
      send(callbacks);
    },
  });

  /** The log's note on an answer. {@link withCheck} declines after a refused check; here a rejected result returns the money. */
  function onAnswer(callback: PlannedCallback, result: CallbackResult): string | null {
    const unsigned = result === "unsigned" ? "pg_sig is missing or wrong: the answer is ignored" : null;
    if (callback.kind === "check") {
      return checkDeclines(callback, result, check) ? "declines the payment" : unsigned;
    }
    if (result !== "rejected") {
      return unsigned;
    }
    const back = atNow((at) => rejectResult(state, callback, at));
    scheduleQueue();
    return back === null ? "rejected; no money is returned" : `rejected: the gateway returns the money (${back.kind})`;
  }

  function track(work: Promise<void>): void {
    const tracked: Promise<void> = work.finally(() => pendingCallbacks.delete(tracked));
    pendingCallbacks.add(tracked);
  }

  function send(callbacks: readonly PlannedCallback[]): void {
    for (const callback of callbacks) {
      track(callbackSender.deliver(callback));
    }
  }

  async function catchUp(at: number): Promise<void> {
    // A timer can fire early, and it cannot be set to more than 24 days.
    while (now() < at && !closing.signal.aborted) {
      await wait(at - now(), closing.signal);
    }
    atNow(() => undefined);
  }

  /** Schedules the queued items, so that each is done in time even if no call arrives. */
  function scheduleQueue(): void {
    for (const queued of state.queue.filter((item) => !scheduled.has(item))) {
      scheduled.add(queued);
      track(catchUp(queued.at));
    }
  }

  function atNow<Value>(read: (at: number) => Value): Value {
    const at = now();
    send(advance(state, at));
    return read(at);
  }

  /** Calls check_url if the gateway acts on the call now. A refusal becomes a decline. */
  async function withCheck(instruction: Instruction, checkAt: (at: number) => PlannedCallback | null): Promise<Fault> {
    const acts = instruction.fault.acts !== false && instruction.fault.actsAfter === undefined && instruction.fault.refuses === undefined;
    const callback = acts && outageAt(state, now()) === undefined ? checkAt(now()) : null;
    const declined = callback !== null && checkDeclines(callback, await callbackSender.check(callback), check);
    // The code of a rejected check is not published; 10021 is one of the contract's plain declines.
    return declined ? { ...instruction.fault, declines: "10021" } : instruction.fault;
  }

  async function handle(request: Request, path: string, body: Uint8Array): Promise<Handled> {
    const merchantCall = merchantCallAt(path, options.merchantId);
    if (merchantCall === null && !ENDPOINTS.includes(path)) {
      return { reply: htmlReply(404), note: "no such endpoint" };
    }
    if (request.method !== "POST") {
      return { reply: htmlReply(405, { allow: "POST" }), note: "only POST" };
    }
    const { merchantId, secretKeys } = options;
    if (merchantCall !== null) {
      const { origin } = new URL(request.url);
      const read = readMerchantCall(merchantCall, path, new TextDecoder().decode(body), { merchantId, secretKeys, origin });
      return "name" in read ? runMerchantCall(read) : { reply: unidentifiedReply(read), note: `not identified: ${read.code}` };
    }
    const signature = request.headers.get("x-jws-signature") ?? "";
    const verdict = await checkSignature(signature, body, { merchantId, secretKeys, uri: path });
    if (!verdict.valid) {
      const headers = { "content-type": "application/json", "x-request-status": "error" };
      return { reply: { httpStatus: 401, headers, body: errorBody("1100"), cut: false }, note: `signature refused: ${verdict.reason}` };
    }
    const action = request.headers.get("x-action") ?? "";
    const requestId = request.headers.get("x-request-id") ?? "";
    const call: Call = { action, requestId, body: new TextDecoder().decode(body) };
    const json = /^application\/json\b/i.test(request.headers.get("content-type") ?? "");
    if (!json || endpointOf(action) !== path) {
      const member = json ? "X-Action" : "Content-Type";
      return { reply: errorReply(call, "9403", state.options.badParametersStatus, now(), member), note: `invalid field: ${member}` };
    }
    return runCall(call);
  }

  async function runCall(call: Call): Promise<Handled> {
    const instruction = nextInstruction(scenario, state, call, now());
    const fault = await withCheck(instruction, (at) => checkBefore(state, call, at, instruction.plan));
    return finish(fault, (at) => receive(state, call, at, fault, instruction.plan));
  }

  async function runMerchantCall(call: MerchantCall): Promise<Handled> {
    const instruction = nextMerchantInstruction(scenario, state, call, now(), options.merchantProfiles ?? {}, options.merchantPages);
    const fault = await withCheck(instruction, (at) => checkBeforeCharge(state, call, at, instruction.plan));
    return finish(fault, (at) => receiveMerchantCall(state, call, at, fault, instruction.plan));
  }

  /** Lets the gateway act, sends its callbacks, and waits until its answer leaves. */
  async function finish(fault: Fault, act: (at: number) => CallOutcome): Promise<Handled> {
    const arrived = now();
    const outcome = act(arrived);
    scheduleQueue();
    send(outcome.callbacks);
    const note = noteOf(fault, outcome, arrived);
    if (outcome.repliesAt > arrived) {
      await wait(outcome.repliesAt - arrived, closing.signal);
    }
    return { reply: outcome.reply, note };
  }

  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const exchange = log.nextExchange();
    const body = new Uint8Array(await request.arrayBuffer());
    const tooLarge = body.length > LARGEST_BODY;
    const isPage = url.pathname === PAGE_PATH;
    const action = request.headers.get("x-action") ?? url.pathname;
    log.add({
      exchange,
      at: now(),
      what: "request",
      title: `${request.method} ${url.pathname} ${action}`,
      method: request.method,
      url: url.pathname,
      httpStatus: null,
      headers: Object.fromEntries(request.headers),
      // A browser may send anything, also a card number. The note says what it did.
      body: tooLarge || isPage ? "" : new TextDecoder().decode(body),
      note: null,
    });
    const { reply, note } = isPage
      ? await visitPage(request, url, body)
      : tooLarge
        ? { reply: htmlReply(413), note: "the body is too large" }
        : await handle(request, url.pathname, body);
    log.add({
      exchange,
      at: now(),
      what: "answer",
      title: `${reply === null ? "no answer" : `HTTP ${reply.httpStatus}`} to ${action}`,
      method: null,
      url: null,
      httpStatus: reply?.httpStatus ?? null,
      headers: reply?.headers ?? {},
      body: isPage ? "" : (reply?.body ?? ""),
      note,
    });
    if (reply !== null) {
      return responseOf(reply);
    }
    if (options.lost === "break") {
      return new Response(breakingBody(""), { headers: { "content-type": "application/json" } });
    }
    throw new AnswerLost();
  }

  return {
    fetch: answer,
    log,
    onEntry: log.onEntry,
    state,
    payments: () => atNow((at) => payments(state, at)),
    ledger: () => atNow((at) => ledger(state, at)),
    totalsOf: (orderId) => atNow((at) => totalsOf(state, orderId, at)),
    inCabinet: (kind, orderId, minor) => atNow((at) => editInCabinet(state, { orderId }, kind, at, minor ?? "all")),
    startOutage: (milliseconds, outage = "none") => {
      state.outages.push({ from: now(), until: now() + milliseconds, answer: outage });
    },
    idle: async () => {
      while (pendingCallbacks.size > 0) {
        await Promise.all(pendingCallbacks);
      }
    },
    close: () => closing.abort(),
  };
}
