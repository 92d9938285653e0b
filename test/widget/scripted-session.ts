import { vi } from "vitest";
import type { ProblemCode } from "../../src/edge-api.ts";
import type { KeyStorage } from "../../widget/attempt-key.ts";
import { createAttemptKeys } from "../../widget/attempt-key.ts";
import type { SessionPorts } from "../../widget/charge-session.ts";
import { ChargeSession } from "../../widget/charge-session.ts";
import type { EdgeAnswer } from "../../widget/edge-client.ts";
import { chargeOf } from "./charges.ts";

/** An answer of the edge, or a function that gives it. */
export type Reply = EdgeAnswer | (() => Promise<EdgeAnswer>);

export const charge = (...of: Parameters<typeof chargeOf>): EdgeAnswer => ({
  kind: "charge",
  charge: chargeOf(...of),
  etag: '"1"',
  retryAfter: 0,
});
export const refused = (code: ProblemCode): EdgeAnswer => ({
  kind: "refused",
  code,
  detail: `${code}: said so`,
  charge: null,
  retryAfter: 0,
});
export const silence: EdgeAnswer = { kind: "unanswered", httpStatus: null, retryAfter: 0 };
export const unchanged: EdgeAnswer = { kind: "unchanged", retryAfter: 0 };
export const after =
  (milliseconds: number, answer: EdgeAnswer): Reply =>
  () =>
    new Promise((resolve) => setTimeout(resolve, milliseconds, answer));
/** A long poll that ends without a change. */
export const waited = after(25_000, unchanged);

export function memory(): KeyStorage {
  const entries = new Map<string, string>();
  return {
    getItem: (name) => entries.get(name) ?? null,
    setItem: (name, value) => void entries.set(name, value),
    removeItem: (name) => void entries.delete(name),
  };
}

/** The time of the test's clock from `vi.useFakeTimers()`. */
function virtualNow(): number {
  const now = vi.getMockedSystemTime();
  if (now === null) throw new Error("A scripted session needs fake timers");
  return now.getTime();
}

/** A session whose edge gives these answers in order. The last one is repeated. */
export function begin({
  reads = [charge()],
  pays = [],
  storage = memory(),
  onChange = () => {},
  isHidden = () => false,
  lock = async (run) => {
    await run();
    return true;
  },
}: {
  reads?: Reply[];
  pays?: Reply[];
  storage?: KeyStorage;
  onChange?: SessionPorts["onChange"];
  isHidden?: () => boolean;
  lock?: SessionPorts["lock"];
}) {
  const calls: { at: number; call: string; key?: string; etag?: string | null; wait?: boolean; signal: AbortSignal }[] = [];
  const started = virtualNow();
  const statuses: string[] = [];
  let count = 0;
  const next = (replies: Reply[]): Promise<EdgeAnswer> => {
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    if (reply === undefined) throw new Error("not expected");
    return typeof reply === "function" ? reply() : Promise.resolve(reply);
  };
  const warn = vi.fn<(text: string) => void>();
  const warnOfPress = vi.fn<(text: string) => void>();
  const session = new ChargeSession("1234", {
    edge: {
      read: (etag, wait, signal) => {
        calls.push({ at: virtualNow() - started, call: "GET", etag, wait, signal });
        return next(reads);
      },
      pay: (key, _left, signal) => {
        calls.push({ at: virtualNow() - started, call: "POST", key, signal });
        return next(pays);
      },
    },
    keys: createAttemptKeys(
      () => storage,
      () => `key-${(count += 1)}-of-${started}`,
    ),
    lock,
    isHidden,
    now: () => ({ wall: Date.now(), steady: performance.now() }),
    onChange: (hasOpened) => {
      if (statuses.at(-1) !== session.status) statuses.push(session.status);
      onChange(hasOpened);
    },
    warn,
    warnOfPress,
  });
  const made = (call: string): typeof calls => calls.filter((one) => one.call === call);
  return { session, calls, gets: () => made("GET"), posts: () => made("POST"), statuses, warn, warnOfPress, storage };
}

export const pass = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);
