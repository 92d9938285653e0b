/** Carries callbacks to the merchant's server and brings back what it says. */

import type { Heard } from "./callback-answer.ts";
import { callbackAnswer } from "./callback-answer.ts";
import { callbackRequest } from "./callback-request.ts";
import type { PlannedCallback } from "./callbacks.ts";
import type { WritableLog } from "./log.ts";
import type { CallbackFormat } from "./plan.ts";

/** Waits so many milliseconds, or until the signal aborts; it resolves in both cases. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/** What a courier needs. */
export interface CourierOptions {
  readonly fetch: typeof fetch;
  readonly wait: Wait;
  readonly now: () => number;
  readonly log: WritableLog;
  /** Signs the older API's fields, and checks the answers to them. */
  readonly secretKey: string;
  readonly format: CallbackFormat;
  /** How long an answer is waited for, ms. */
  readonly patience: number;
  /** Milliseconds before each repeat of a result that did not get HTTP 200. */
  readonly repeats: readonly number[];
  /** Acts on what a callback was answered; returns what it did, for the log. */
  readonly onAnswer: (callback: PlannedCallback, heard: Heard) => string | null;
  /** Ends everything. */
  readonly closing: AbortSignal;
}

/** A courier. Neither call ever rejects. */
export interface Courier {
  /** Asks whether a payment may go ahead. */
  check(callback: PlannedCallback): Promise<Heard>;
  /** Tells the outcome, at its time, until HTTP 200. */
  deliver(callback: PlannedCallback): Promise<void>;
}

/** Bytes of an answer that are read; a longer one is cut off there. */
const LONGEST_ANSWER = 64 * 1024;

interface Answer {
  readonly httpStatus: number;
  readonly text: string;
}

/** The beginning of the body, never more than {@link LONGEST_ANSWER} bytes and a chunk. */
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

/** A courier between the simulator and the merchant's server. */
export function createCourier(options: CourierOptions): Courier {
  const { wait, now, log, closing, secretKey } = options;
  let sent = 0;

  /** Null when there is no answer in time. */
  async function exchange(callback: PlannedCallback, number: number): Promise<Answer | null> {
    sent += 1;
    const { method, url, headers, body } = callbackRequest(callback, options.format, secretKey, `salt${sent}`);
    const note = callback.forged ? "forged" : null;
    const asked = { exchange: number, at: now(), what: "callback", title: titleOf(callback), note } as const;
    log.add({ ...asked, method, url, httpStatus: null, headers, body: body ?? "" });
    const impatience = new AbortController();
    const signal = AbortSignal.any([closing, impatience.signal]);
    const call = async (): Promise<Answer> => {
      const response = await options.fetch(url, { method, headers, body, redirect: "manual", signal });
      return { httpStatus: response.status, text: await beginningOf(response) };
    };
    const answer = await Promise.race([call(), wait(options.patience, signal).then(() => null)]).catch(() => null);
    impatience.abort();
    return answer;
  }

  /** Makes a callback, acts on its answer, and writes both down. */
  async function send(callback: PlannedCallback): Promise<Heard> {
    const number = log.nextExchange();
    const answer = await exchange(callback, number);
    const heard: Heard = answer?.httpStatus === 200 ? callbackAnswer(answer.text, callback.url, secretKey) : "unanswered";
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
      note: closing.aborted ? null : options.onAnswer(callback, heard),
    });
    return heard;
  }

  return {
    check: send,
    async deliver(callback) {
      await wait(Math.max(0, callback.at - now()), closing);
      for (const pause of [...(callback.forged ? [] : options.repeats), null]) {
        if (closing.aborted || (await send(callback)) !== "unanswered" || pause === null) {
          return;
        }
        await wait(pause, closing);
      }
    },
  };
}

const titleOf = ({ kind, facts }: PlannedCallback): string => `${kind} callback for ${facts.order_id}`;
