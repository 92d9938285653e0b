/** Carries callbacks to the merchant's server and brings back what it says. */

import type { CallbackFormat, PlannedCallback } from "./callbacks.ts";
import { callbackBody, checkAnswer } from "./callbacks.ts";
import type { WritableLog } from "./log.ts";

/** Waits so many milliseconds, or until the signal aborts; it resolves in both cases. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/** What a courier needs. */
export interface CourierOptions {
  readonly fetch: typeof fetch;
  readonly wait: Wait;
  readonly now: () => number;
  readonly log: WritableLog;
  /** Signs the older API's form. */
  readonly secretKey: string;
  readonly format: CallbackFormat;
  /** How long an answer is waited for, ms. */
  readonly patience: number;
  /** Milliseconds before each repeat of a result that did not get HTTP 200. */
  readonly repeats: readonly number[];
  /** Ends everything. */
  readonly closing: AbortSignal;
}

/** A courier. Neither call ever rejects. */
export interface Courier {
  /** Asks whether a payment may go ahead. */
  check(callback: PlannedCallback): Promise<"ok" | "rejected" | "unreadable" | "unanswered">;
  /** Tells the outcome, at its time, until HTTP 200. */
  deliver(callback: PlannedCallback): Promise<void>;
}

/** A courier between the simulator and the merchant's server. */
export function createCourier(options: CourierOptions): Courier {
  const { wait, now, log, closing } = options;
  let sent = 0;

  async function post(callback: PlannedCallback): Promise<{ readonly httpStatus: number; readonly text: string } | null> {
    sent += 1;
    const { contentType, body } = callbackBody(callback, options.format, options.secretKey, `salt${sent}`);
    const exchange = log.nextExchange();
    const headers = { "content-type": contentType };
    const note = callback.forged ? "forged" : null;
    const title = `${callback.kind} callback for ${callback.facts.order_id}`;
    const common = { exchange, headers: {}, note: null };
    log.add({ ...common, at: now(), what: "callback", title, method: "POST", url: callback.url, httpStatus: null, headers, body, note });
    const impatience = new AbortController();
    const signal = AbortSignal.any([closing, impatience.signal]);
    const call = async (): Promise<{ readonly httpStatus: number; readonly text: string }> => {
      const response = await options.fetch(callback.url, { method: "POST", headers, body, redirect: "manual", signal });
      return { httpStatus: response.status, text: await response.text() };
    };
    const answer = await Promise.race([call(), wait(options.patience, signal).then(() => null)]).catch(() => null);
    impatience.abort();
    const answered = answer === null ? "no answer" : `HTTP ${answer.httpStatus}`;
    log.add({
      ...common,
      at: now(),
      what: "callback_answer",
      title: `${answered} to the ${title}`,
      method: null,
      url: null,
      httpStatus: answer?.httpStatus ?? null,
      body: answer?.text.slice(0, 2000) ?? "",
    });
    return answer;
  }

  return {
    async check(callback) {
      const answer = await post(callback);
      if (answer === null || answer.httpStatus !== 200) {
        return "unanswered";
      }
      return checkAnswer(answer.text);
    },
    async deliver(callback) {
      await wait(Math.max(0, callback.at - now()), closing);
      for (const pause of [...(callback.forged ? [] : options.repeats), null]) {
        if (closing.aborted) {
          return;
        }
        const answer = await post(callback);
        if (answer?.httpStatus === 200 || pause === null) {
          return;
        }
        await wait(pause, closing);
      }
    },
  };
}
