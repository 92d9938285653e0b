/** Sends callbacks to the merchant's server and reads the answers. */

import type { CallbackResult } from "./callback-answer.ts";
import { callbackAnswer } from "./callback-answer.ts";
import type { CallbackRequest } from "./callback-request.ts";
import { callbackRequest } from "./callback-request.ts";
import type { PlannedCallback } from "./callbacks.ts";
import type { WritableLog } from "./log.ts";
import type { CallbackFormat } from "./plan.ts";

/** Waits so many milliseconds, or until the signal aborts; it resolves in both cases. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/** Options of {@link createCallbackSender}. */
export interface CallbackSenderOptions {
  readonly fetch: typeof fetch;
  readonly wait: Wait;
  readonly now: () => number;
  readonly log: WritableLog;
  /** Signs the older API's fields, and checks the answers to them. */
  readonly secretKey: string;
  readonly format: CallbackFormat;
  /** Time limit for an answer, ms. */
  readonly timeout: number;
  /** Milliseconds before each repeat of a result that did not get HTTP 200. */
  readonly repeats: readonly number[];
  /** Acts on an answer; returns a note for the log. */
  readonly onAnswer: (callback: PlannedCallback, result: CallbackResult) => string | null;
  /** Aborts pending callbacks. */
  readonly closing: AbortSignal;
}

/** Sends callbacks. Neither method rejects. */
export interface CallbackSender {
  /** Sends a check once. */
  check(callback: PlannedCallback): Promise<CallbackResult>;
  /** Sends a result at its time, and repeats it until HTTP 200. */
  deliver(callback: PlannedCallback): Promise<void>;
}

/** Maximum number of bytes that are read of an answer; the rest is dropped. */
const LONGEST_ANSWER = 64 * 1024;

interface Answer {
  readonly httpStatus: number;
  readonly text: string;
}

/** The body up to {@link LONGEST_ANSWER} bytes; reads at most one chunk more. */
async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let length = 0; reader !== undefined; ) {
    const { done, value } = await reader.read();
    if (done) {
      return text + decoder.decode();
    }
    text += decoder.decode(value.subarray(0, LONGEST_ANSWER - length), { stream: true });
    length += value.length;
    if (length > LONGEST_ANSWER) {
      await reader.cancel();
      return text;
    }
  }
  return text;
}

/** Creates the sender of a simulator's callbacks. */
export function createCallbackSender(options: CallbackSenderOptions): CallbackSender {
  const { wait, now, log, closing, secretKey } = options;
  let sent = 0;

  /** Null when no answer arrives in time. */
  async function exchange(
    callback: PlannedCallback,
    { method, url, headers, body }: CallbackRequest,
    note: string | null,
    number: number,
  ): Promise<Answer | null> {
    const entry = { exchange: number, at: now(), what: "callback", title: titleOf(callback), note } as const;
    log.add({ ...entry, method, url, httpStatus: null, headers, body: body ?? "" });
    const timedOut = new AbortController();
    const signal = AbortSignal.any([closing, timedOut.signal]);
    const request = async (): Promise<Answer> => {
      const response = await options.fetch(url, { method, headers, body, redirect: "manual", signal });
      return { httpStatus: response.status, text: await beginningOf(response) };
    };
    const answer = await Promise.race([request(), wait(options.timeout, signal).then(() => null)]).catch(() => null);
    timedOut.abort();
    return answer;
  }

  /** The request of a callback: each has its own salt. */
  function requestOf(callback: PlannedCallback): CallbackRequest {
    sent += 1;
    return callbackRequest(callback, options.format, secretKey, `salt${sent}`);
  }

  /** Sends a callback, acts on its answer, and logs both. The answer to a replay goes to whoever sent it. */
  async function send(callback: PlannedCallback, request = requestOf(callback), isReplay = false): Promise<CallbackResult> {
    const number = log.nextExchange();
    const answer = await exchange(callback, request, isReplay ? "replayed" : callback.forged ? "forged" : null, number);
    const result: CallbackResult = answer?.httpStatus === 200 ? callbackAnswer(answer.text, callback.url, secretKey) : "unanswered";
    log.add({
      exchange: number,
      at: now(),
      what: "callback_answer",
      title: `${answer === null ? "no answer" : `HTTP ${answer.httpStatus}`} to the ${titleOf(callback)}`,
      method: null,
      url: null,
      httpStatus: answer?.httpStatus ?? null,
      headers: {},
      body: answer?.text.slice(0, 2000) ?? "",
      note: closing.aborted || isReplay ? null : options.onAnswer(callback, result),
    });
    return result;
  }

  async function replay(callback: PlannedCallback, request: CallbackRequest): Promise<void> {
    if (callback.replayed === true && !callback.forged && !closing.aborted) {
      await send(callback, request, true);
    }
  }

  return {
    check: (callback) => send(callback),
    async deliver(callback) {
      await wait(Math.max(0, callback.at - now()), closing);
      let request = requestOf(callback);
      for (const pause of callback.forged ? [] : options.repeats) {
        if (closing.aborted || (await send(callback, request)) !== "unanswered") {
          return replay(callback, request);
        }
        await wait(pause, closing);
        request = requestOf(callback);
      }
      if (!closing.aborted) {
        await send(callback, request);
        await replay(callback, request);
      }
    },
  };
}

const titleOf = ({ kind, facts }: PlannedCallback): string => `${kind} callback for ${facts.order_id}`;
