/** The simulated Freedom Pay over HTTP: a plain fetch handler, Web standards only. */

import { refusal } from "./answers.ts";
import { endpointOf, ENDPOINTS } from "./asked.ts";
import type { Heard } from "./callback-answer.ts";
import { checkDeclines } from "./callback-answer.ts";
import type { PlannedCallback } from "./callbacks.ts";
import { checkBefore } from "./callbacks.ts";
import type { Wait } from "./courier.ts";
import { createCourier } from "./courier.ts";
import type { EditRefusal } from "./edits.ts";
import { editInCabinet } from "./edits.ts";
import type { Fault } from "./fault.ts";
import { errorBody, htmlReply } from "./fault.ts";
import type { LedgerEntry, TruePayment } from "./ledger.ts";
import { ledger, payments, standingOf } from "./ledger.ts";
import type { Entry, Log } from "./log.ts";
import { createLog } from "./log.ts";
import type { Receipt } from "./model.ts";
import { advance, receive } from "./model.ts";
import type { CallbackFormat } from "./plan.ts";
import { rejectResult } from "./rejection.ts";
import { AnswerLost, breakingBody, responseOf } from "./response.ts";
import type { Cue } from "./scenario.ts";
import { createStage, direct } from "./scenario.ts";
import { checkSignature } from "./signature-check.ts";
import type { Call, ModelOptions, ModelState, Outage, Queued, Reply } from "./state.ts";
import { createModel, outageAt } from "./state.ts";
import type { EditKind } from "./timeline.ts";

/** Options of {@link createSimulator}. */
export interface SimulatorOptions {
  /** Digits, as in the contract's `auth_id`. */
  readonly merchantId: string;
  /** The merchant's keys: any of them is accepted. The first one signs form callbacks. */
  readonly secretKeys: readonly string[];
  /** The clock, epoch ms (default `Date.now`). */
  readonly now?: () => number;
  /** Waits so many milliseconds, or less when the signal aborts (default: a timer). */
  readonly wait?: Wait;
  /** Carries callbacks (default: the global fetch). */
  readonly fetch?: typeof fetch;
  /** How many times faster than written times pass: the words' seconds, rows under way, holds (default 1). */
  readonly speed?: number;
  /** How callbacks are written (default `form`, the older API's signed form). A word of a profile id says otherwise for its payments. */
  readonly callbackFormat?: CallbackFormat;
  /**
   * What the answer to `check_url` does, for its format is not published. `respect` (default): only a plain
   * `rejected` (or `error`) declines the payment. `strict`: so does no answer, or one that cannot be read, as in the older API.
   * `ignore`: nothing does. A call that is accepted late is not checked.
   */
  readonly check?: "respect" | "strict" | "ignore";
  /** How long a callback's answer is waited for, ms (default 10 000). */
  readonly callbackPatience?: number;
  /** Milliseconds before each repeat of a result callback without HTTP 200 (default four of 1000; really half an hour each). */
  readonly callbackRepeats?: readonly number[];
  /** What a lost answer is: `reject` (default): fetch rejects with {@link AnswerLost}; `break`: a Response whose body fails with it. */
  readonly lost?: "reject" | "break";
  /** How many log entries are kept (default 1000). */
  readonly keeps?: number;
  /** Anything else of the model. */
  readonly model?: ModelOptions;
}

/** A simulated gateway. */
export interface Simulator {
  /**
   * Answers a request as the gateway would.
   *
   * @throws AnswerLost when the answer is lost and the option `lost` is `reject`.
   */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly log: Log;
  /** Calls the listener with every new log entry, until the returned function is called. */
  readonly onEntry: (listener: (entry: Entry) => void) => () => void;
  /** The model itself. */
  readonly state: ModelState;
  /** The payments as they truly are now. */
  readonly payments: () => readonly TruePayment[];
  /** Every movement of money up to now, oldest first. */
  readonly ledger: () => readonly LedgerEntry[];
  /** What an order has cost its payer by now, in minor units, over all its attempts. */
  readonly standingOf: (orderId: string) => ReturnType<typeof standingOf>;
  /** Clearing, reverse or refund by hand in the merchant's cabinet; minor units (default: all that is left). */
  readonly inCabinet: (kind: EditKind, orderId: string, minor?: number) => { readonly rowId: string } | { readonly code: EditRefusal };
  /** The gateway is away for so many milliseconds from now on; `none` (default) breaks connections, a number is an HTTP status. */
  readonly goAway: (milliseconds: number, answer?: Outage["answer"]) => void;
  /** Resolves when no callback is under way any more. */
  readonly idle: () => Promise<void>;
  /** Ends everything that is under way: callbacks are dropped, late answers come at once. */
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

/** What was done on purpose, in words; null for a plain answer. */
function noteOf(fault: Fault, receipt: Receipt, now: number): string | null {
  const notes = [
    receipt.replayOf === "request" ? "the same X-Request-Id: the original response" : null,
    receipt.replayOf === "order" ? "the same order_id: the original response" : null,
    receipt.actsAt === null ? "did not act" : receipt.actsAt > now ? `acts ${receipt.actsAt - now} ms later` : null,
    receipt.reply === null ? "answer lost" : fault.answer === undefined ? null : "answer spoiled",
    receipt.repliesAt > now ? `answers ${receipt.repliesAt - now} ms later` : null,
    fault.lag === undefined ? null : `shows ${fault.lag} ms ago`,
    fault.shows === undefined ? null : "shows something else, this once",
  ].filter((note) => note !== null);
  return notes.length === 0 ? null : notes.join("; ");
}

interface Judged {
  readonly reply: Reply | null;
  readonly note: string | null;
}

/**
 * A simulated Freedom Pay for tests and demonstrations. Every request's signature is checked; what a payment does and
 * what goes wrong is said by words in the profile id: see `WORDS`.
 *
 * @param options - see {@link SimulatorOptions}.
 * @throws TypeError when merchantId is not digits, or no key is given.
 */
export function createSimulator(options: SimulatorOptions): Simulator {
  const [secretKey] = options.secretKeys;
  if (!/^\d{1,20}$/.test(options.merchantId)) {
    throw new TypeError("merchantId must be digits");
  }
  if (secretKey === undefined || options.secretKeys.includes("")) {
    throw new TypeError("secretKeys must hold at least one key, and no empty one");
  }
  const { now = Date.now, wait = timer, speed = 1, check = "respect" } = options;
  const log = createLog(options.keeps ?? 1000, options.secretKeys);
  const state = createModel({ settlesAfter: 2000 / speed, holdsFor: 432_000_000 / speed, ...options.model });
  const stage = createStage(speed);
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();
  const watched = new WeakSet<Queued>();
  const courier = createCourier({
    fetch: options.fetch ?? ((input, init) => fetch(input, init)),
    wait,
    now,
    log,
    secretKey,
    format: options.callbackFormat ?? "form",
    patience: options.callbackPatience ?? 10_000,
    repeats: options.callbackRepeats ?? [1000, 1000, 1000, 1000],
    onAnswer,
    closing: closing.signal,
  });

  /** A refused check declines its payment, which {@link checked} does; a rejected result gives the money back. */
  function onAnswer(callback: PlannedCallback, heard: Heard): string | null {
    const unsigned = heard === "unsigned" ? "pg_sig is missing or wrong: its word does not count" : null;
    if (callback.kind === "check") {
      return checkDeclines(callback, heard, check) ? "declines the payment" : unsigned;
    }
    if (heard !== "rejected") {
      return unsigned;
    }
    const back = upToNow((at) => rejectResult(state, callback, at));
    watchQueue();
    return back === null ? "rejected; no money goes back" : `rejected: the gateway gives the money back (${back.kind})`;
  }

  function begin(work: Promise<void>): void {
    const whole: Promise<void> = work.finally(() => underWay.delete(whole));
    underWay.add(whole);
  }

  function send(callbacks: readonly PlannedCallback[]): void {
    for (const callback of callbacks) {
      begin(courier.deliver(callback));
    }
  }

  async function catchUp(at: number): Promise<void> {
    // A timer may ring a moment early, and it cannot be set to more than 24 days.
    while (now() < at && !closing.signal.aborted) {
      await wait(at - now(), closing.signal);
    }
    upToNow(() => undefined);
  }

  /** Sees to it that whatever was queued happens in time even if nobody calls again. */
  function watchQueue(): void {
    for (const queued of state.queue.filter((item) => !watched.has(item))) {
      watched.add(queued);
      begin(catchUp(queued.at));
    }
  }

  function upToNow<Value>(look: (at: number) => Value): Value {
    const at = now();
    send(advance(state, at));
    return look(at);
  }

  /** Asks check_url first, unless the call will not act now; a refusal becomes a decline. */
  async function checked(call: Call, cue: Cue): Promise<Fault> {
    const acts = cue.fault.acts !== false && cue.fault.actsAfter === undefined && cue.fault.refuses === undefined;
    const callback = acts && outageAt(state, now()) === undefined ? checkBefore(state, call, now(), cue.plan) : null;
    const declined = callback !== null && checkDeclines(callback, await courier.check(callback), check);
    // Which code a rejected check gives is not published; 10021 is one of the contract's plain declines.
    return declined ? { ...cue.fault, declines: "10021" } : cue.fault;
  }

  async function judge(request: Request, path: string, body: Uint8Array): Promise<Judged> {
    if (!ENDPOINTS.includes(path)) {
      return { reply: htmlReply(404), note: "no such endpoint" };
    }
    if (request.method !== "POST") {
      return { reply: htmlReply(405, { allow: "POST" }), note: "only POST" };
    }
    const signature = request.headers.get("x-jws-signature") ?? "";
    const { merchantId, secretKeys } = options;
    const verdict = await checkSignature(signature, body, { merchantId, secretKeys, uri: path });
    if (!verdict.valid) {
      const headers = { "content-type": "application/json", "x-request-status": "error" };
      return { reply: { httpStatus: 401, headers, body: errorBody("1100"), cut: false }, note: `signature refused: ${verdict.why}` };
    }
    const action = request.headers.get("x-action") ?? "";
    const requestId = request.headers.get("x-request-id") ?? "";
    const call: Call = { action, requestId, body: new TextDecoder().decode(body) };
    const json = /^application\/json\b/i.test(request.headers.get("content-type") ?? "");
    if (!json || endpointOf(action) !== path) {
      const member = json ? "X-Action" : "Content-Type";
      return { reply: refusal(call, "9403", state.options.badParametersStatus, now(), member), note: `misfit: ${member}` };
    }
    return play(call);
  }

  async function play(call: Call): Promise<Judged> {
    const cue = direct(stage, state, call, now());
    const fault = await checked(call, cue);
    const arrived = now();
    const receipt = receive(state, call, arrived, fault, cue.plan);
    watchQueue();
    send(receipt.callbacks);
    const note = noteOf(fault, receipt, arrived);
    if (receipt.repliesAt > arrived) {
      await wait(receipt.repliesAt - arrived, closing.signal);
    }
    return { reply: receipt.reply, note };
  }

  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const exchange = log.nextExchange();
    const body = new Uint8Array(await request.arrayBuffer());
    const tooLarge = body.length > LARGEST_BODY;
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
      body: tooLarge ? "" : new TextDecoder().decode(body),
      note: null,
    });
    const { reply, note } = tooLarge ? { reply: htmlReply(413), note: "the body is too large" } : await judge(request, url.pathname, body);
    log.add({
      exchange,
      at: now(),
      what: "answer",
      title: `${reply === null ? "no answer" : `HTTP ${reply.httpStatus}`} to ${action}`,
      method: null,
      url: null,
      httpStatus: reply?.httpStatus ?? null,
      headers: reply?.headers ?? {},
      body: reply?.body ?? "",
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
    payments: () => upToNow((at) => payments(state, at)),
    ledger: () => upToNow((at) => ledger(state, at)),
    standingOf: (orderId) => upToNow((at) => standingOf(state, orderId, at)),
    inCabinet: (kind, orderId, minor) => upToNow((at) => editInCabinet(state, { orderId }, kind, at, minor ?? "all")),
    goAway: (milliseconds, outage = "none") => {
      state.outages.push({ from: now(), until: now() + milliseconds, answer: outage });
    },
    idle: async () => {
      while (underWay.size > 0) {
        await Promise.all(underWay);
      }
    },
    close: () => closing.abort(),
  };
}
