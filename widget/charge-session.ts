import type { ChargeView, ProblemCode } from "../src/edge-api.ts";
import type { AttemptKeys, Moment } from "./attempt-key.ts";
import { elapsed, REPEAT_WINDOW } from "./attempt-key.ts";
import type { EdgeAnswer, EdgeClient } from "./edge-client.ts";
import type { ElementStatus, ErrorReason } from "./events.ts";

/** What stands in the way, by what the shopper can do about it. */
export type TroubleKind =
  /** No answer, or none to be read. */
  | "unreachable"
  /** 429 or 5xx. */
  | "server"
  /** A definite no that this page can do nothing about. */
  | "refused"
  /** This order may not be tried again with this card. */
  | "barred"
  | "expired"
  | "conflict"
  | "misconfigured";

/** A trouble and its name. */
export interface Trouble {
  readonly kind: TroubleKind;
  readonly reason: ErrorReason;
}

/** What a session needs of the world. */
export interface SessionPorts {
  readonly edge: EdgeClient;
  readonly keys: AttemptKeys;
  /** Runs it unless another page sends a click on this order right now: then it comes to false at once. `run` never rejects. */
  readonly alone: (run: () => Promise<void>) => Promise<boolean>;
  readonly now: () => Moment;
  /** Called after every change, and after every answer. */
  readonly changed: () => void;
  /** Tells the developer, in English. */
  readonly warn: (text: string) => void;
}

const TROUBLES: Readonly<Partial<Record<ProblemCode, TroubleKind>>> = {
  token_missing: "misconfigured",
  token_invalid: "misconfigured",
  api_key_invalid: "misconfigured",
  origin_not_allowed: "misconfigured",
  order_mismatch: "misconfigured",
  route_not_found: "misconfigured",
  method_not_allowed: "misconfigured",
  token_expired: "expired",
  charge_conflict: "conflict",
  retry_not_allowed: "barred",
};

/** Gone with the next answer of the edge; the others stay until the token is exchanged. */
const PASSING: readonly (TroubleKind | undefined)[] = ["unreachable", "server", "conflict"];

/** Milliseconds from one read to the next at least, so that an edge that does not wait is not overrun. */
const BREATH = 1000;

const HELD_PACE = 30_000;

/** Twice as long each time, up to a limit, a quarter more or less. Milliseconds. */
function backoff(round: number, first: number, limit: number): number {
  return Math.min(first * 2 ** round, limit) * (0.75 + Math.random() / 2);
}

/** One token at one edge, as {@link createChargeSession} begins it. */
export interface ChargeSession {
  /** As the edge last told it. */
  readonly charge: ChargeView | null;
  readonly trouble: Trouble | null;
  /** How many answers, or silences, of the edge were taken in. */
  readonly answers: number;
  /** What the charge is in, for the page. */
  readonly status: ElementStatus;
  /** Whether a click may begin an attempt, as far as is known here. */
  readonly payable: boolean;
  /** Reads now, and goes on for as long as there is something to wait for. While a click is being sent, sends it now instead. */
  read(): void;
  /** Ends all calls and repeats. A POST that has left may still act: the edge knows. */
  stop(): void;
  /** A click. Does nothing unless {@link payable}. */
  pay(): Promise<void>;
}

/**
 * One token at one edge: reads the charge, pays on a click, and follows the charge until it is decided. It holds the rules of
 * the page's side: a key is stored before its POST; an unanswered POST is repeated under the same key within two minutes of
 * the click; everything else is reading. Nothing is read while a POST is open, so that an older answer cannot overtake it.
 */
export function createChargeSession(orderId: string, { edge, keys, alone, now, changed, warn }: SessionPorts): ChargeSession {
  let charge: ChargeView | null = null;
  let trouble: Trouble | null = null;
  let answers = 0;
  /**
   * What became of the last click: `sending` until its POST is answered; `refused` (by the edge, or for another page is
   * sending) or `lost` (the two minutes ran out) until a read has said how the charge stands.
   */
  let click: "none" | "sending" | "refused" | "lost" = "none";
  let etag: string | null = null;
  const life = new AbortController();
  let reading = new AbortController();
  /** Ends the pause that the session is in, if it is in one. */
  let wake = (): void => {};

  const statusNow = (): ElementStatus => {
    const kind = trouble?.kind;
    const status = charge?.status;
    if (click === "lost") return "unconfirmed";
    if (click !== "none") return "processing";
    if (kind === "misconfigured" || kind === "conflict") return kind;
    if (kind === "expired" && (status ?? "ready") === "ready") return kind;
    return status ?? (kind ? "unreachable" : "loading");
  };

  const isPayable = (): boolean => {
    const status = statusNow();
    return (status === "ready" || status === "failed") && trouble?.kind !== "expired" && trouble?.kind !== "barred";
  };

  /** Whether the charge can change by itself soon: it is undecided, or a click of this browser may still be on its way. */
  const isAwaiting = (): boolean => {
    const status = charge?.status;
    const time = now().wall;
    const open = keys.open(orderId, time);
    return status === "processing" || status === "unconfirmed" || (open !== null && Math.abs(time - open.at) < REPEAT_WINDOW);
  };

  /** Milliseconds until the next read; null when there is nothing to wait for. */
  const nextRead = (round: number): number | null => {
    if (isAwaiting()) return trouble?.kind === "conflict" ? backoff(round, 2000, 30_000) : 0;
    return charge?.status === "authorized" ? backoff(round, HELD_PACE, 600_000) : null;
  };

  const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      signal.addEventListener("abort", end);
      wake = end;
      if (signal.aborted) end();
    });

  /** Takes an answer in. */
  const take = (answer: EdgeAnswer): void => {
    const { wall } = now();
    answers += 1;
    if (answer.kind === "unanswered") {
      const { httpStatus } = answer;
      // The edge is there and wants a pause, such as 2 s between two attempts: no trouble of the shopper's.
      if (httpStatus === 429 && charge) return;
      if (!trouble) warn(`no answer (${httpStatus ?? "network or CORS"}). Is endpoint the edge, and this origin in its ALLOWED_ORIGINS?`);
      trouble ??= { kind: httpStatus === null ? "unreachable" : "server", reason: "no_answer" };
      if (click === "refused") click = "none";
      return;
    }
    const wasLost = click === "lost";
    click = "none";
    if (answer.kind === "refused") {
      const kind = TROUBLES[answer.code] ?? "refused";
      if (kind === "misconfigured" || kind === "refused") warn(answer.detail);
      trouble = { kind, reason: answer.code };
      charge = answer.charge ?? charge;
      etag = null;
      return;
    }
    if (answer.kind === "charge") {
      charge = answer.charge;
      etag = answer.etag;
    }
    const open = keys.open(orderId, wall);
    if (open && charge && charge.attempt > open.attempt) keys.close(orderId, wall);
    const status = charge?.status;
    if (PASSING.includes(trouble?.kind) || (status !== "ready" && status !== "failed")) trouble = null;
    // Nothing has begun: the click came to nothing, and the shopper is waiting to hear so.
    if (wasLost && isPayable() && keys.open(orderId, wall)) trouble = { kind: "unreachable", reason: "no_answer" };
  };

  /** As {@link nextRead}, after a click: the charge was told just now, unless the POST was refused or never answered. */
  const readAfterClick = (): number | null => (click === "none" ? nextRead(0) : 0);

  /** Sends one click until the edge has answered it or its time is over. */
  const send = async (): Promise<void> => {
    const { signal } = life;
    if (signal.aborted) return;
    let last = now();
    let left = REPEAT_WINDOW;
    const key = keys.take(orderId, charge?.attempt ?? 0, last.wall);
    for (let round = 0; ; round += 1) {
      const answer = await edge.pay(key, left, signal);
      if (signal.aborted) return;
      take(answer);
      if (answer.kind !== "unanswered") {
        keys.close(orderId, now().wall);
        if (answer.kind === "refused" && TROUBLES[answer.code] !== "misconfigured") click = "refused";
        return;
      }
      changed();
      await pause(Math.min(answer.retryAfter || backoff(round, 1000, 8000), left), signal);
      if (signal.aborted) return;
      const time = now();
      left -= elapsed(last, time);
      last = time;
      if (left <= 0) {
        click = "lost";
        return;
      }
    }
  };

  /** Reads after a pause in milliseconds, null for never, and then for as long as {@link nextRead} says. */
  const follow = async (firstPause: number | null): Promise<void> => {
    reading.abort();
    if (life.signal.aborted) return;
    reading = new AbortController();
    const { signal } = reading;
    let rest = firstPause;
    let misses = 0;
    for (let round = 0; rest !== null; round += 1) {
      if (rest > 0) await pause(rest, signal);
      if (signal.aborted) return;
      const began = now().steady;
      // The first read is to answer at once, and so is one after silence.
      const answer = await edge.read(etag, round > 0 && misses === 0 && isAwaiting(), signal);
      if (signal.aborted) return;
      take(answer);
      if (answer.kind === "unanswered") {
        rest = answer.retryAfter || backoff(misses, 1000, 30_000);
        misses += 1;
      } else {
        misses = 0;
        const final = answer.kind === "refused" && trouble?.kind !== "conflict";
        rest = final ? null : nextRead(round);
        if (rest === 0) rest = BREATH - (now().steady - began);
      }
      changed();
    }
  };

  return {
    get charge() {
      return charge;
    },
    get trouble() {
      return trouble;
    },
    get answers() {
      return answers;
    },
    get status() {
      return statusNow();
    },
    get payable() {
      return isPayable();
    },
    read() {
      if (click === "sending") wake();
      else void follow(0);
    },
    stop() {
      life.abort();
      reading.abort();
    },
    async pay() {
      if (!isPayable() || life.signal.aborted) return;
      reading.abort();
      // Another page that sends its own click goes first: then this one starts nothing and follows that.
      click = "sending";
      trouble = null;
      changed();
      if (!(await alone(send))) click = "refused";
      if (life.signal.aborted) return;
      // After a refusal the shopper first hears how the charge stands.
      if (click !== "refused") changed();
      await follow(readAfterClick());
    },
  };
}
