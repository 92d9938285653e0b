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

/**
 * One token at one edge: reads the charge, pays on a click, and follows the charge until it is decided. It holds the rules of
 * the page's side: a key is stored before its POST; an unanswered POST is repeated under the same key within two minutes of
 * the click; everything else is reading. Nothing is read while a POST is open, so that an older answer cannot overtake it.
 */
export class ChargeSession {
  /** As the edge last told it. */
  charge: ChargeView | null = null;
  trouble: Trouble | null = null;
  /** How many answers, or silences, of the edge were taken in. */
  answers = 0;

  /**
   * What became of the last click: `sending` until its POST is answered; `refused` (by the edge, or for another page is
   * sending) or `lost` (the two minutes ran out) until a read has said how the charge stands.
   */
  #click: "none" | "sending" | "refused" | "lost" = "none";
  #etag: string | null = null;
  readonly #orderId: string;
  readonly #ports: SessionPorts;
  readonly #life = new AbortController();
  #reading = new AbortController();
  /** Ends the pause that the session is in, if it is in one. */
  #wake: () => void = () => {};

  constructor(orderId: string, ports: SessionPorts) {
    this.#orderId = orderId;
    this.#ports = ports;
  }

  /** What the charge is in, for the page. */
  get status(): ElementStatus {
    const kind = this.trouble?.kind;
    const status = this.charge?.status;
    if (this.#click === "lost") return "unconfirmed";
    if (this.#click !== "none") return "processing";
    if (kind === "misconfigured" || kind === "conflict") return kind;
    if (kind === "expired" && (status ?? "ready") === "ready") return kind;
    return status ?? (kind ? "unreachable" : "loading");
  }

  /** Whether a click may begin an attempt, as far as is known here. */
  get payable(): boolean {
    const { status } = this;
    return (status === "ready" || status === "failed") && this.trouble?.kind !== "expired" && this.trouble?.kind !== "barred";
  }

  /** Reads now, and goes on for as long as there is something to wait for. While a click is being sent, sends it now instead. */
  read(): void {
    if (this.#click === "sending") this.#wake();
    else void this.#follow(0);
  }

  /** Ends all calls and repeats. A POST that has left may still act: the edge knows. */
  stop(): void {
    this.#life.abort();
    this.#reading.abort();
  }

  /** A click. Does nothing unless {@link payable}. */
  async pay(): Promise<void> {
    if (!this.payable || this.#life.signal.aborted) return;
    this.#reading.abort();
    await this.#sendAlone();
    if (this.#life.signal.aborted) return;
    // After a refusal the shopper first hears how the charge stands.
    if (this.#click !== "refused") this.#ports.changed();
    // The charge was told just now, unless the POST was refused or never answered.
    await this.#follow(this.#click === "none" ? this.#nextRead(0) : 0);
  }

  /** Sends one click, unless another page is sending its own: then this one starts nothing and follows that. */
  async #sendAlone(): Promise<void> {
    this.#click = "sending";
    this.trouble = null;
    this.#ports.changed();
    if (!(await this.#ports.alone(() => this.#send()))) this.#click = "refused";
  }

  /** Sends one click until the edge has answered it or its time is over. */
  async #send(): Promise<void> {
    const { edge, keys, now, changed } = this.#ports;
    const { signal } = this.#life;
    if (signal.aborted) return;
    let last = now();
    let left = REPEAT_WINDOW;
    const key = keys.take(this.#orderId, this.charge?.attempt ?? 0, last.wall);
    for (let round = 0; ; round += 1) {
      const answer = await edge.pay(key, left, signal);
      if (signal.aborted) return;
      this.#take(answer);
      if (answer.kind !== "unanswered") {
        keys.close(this.#orderId, now().wall);
        if (answer.kind === "refused" && TROUBLES[answer.code] !== "misconfigured") this.#click = "refused";
        return;
      }
      changed();
      await this.#pause(Math.min(answer.retryAfter || backoff(round, 1000, 8000), left), signal);
      if (signal.aborted) return;
      const time = now();
      left -= elapsed(last, time);
      last = time;
      if (left <= 0) {
        this.#click = "lost";
        return;
      }
    }
  }

  /** Reads after a pause in milliseconds, null for never, and then for as long as {@link #nextRead} says. */
  async #follow(firstPause: number | null): Promise<void> {
    this.#reading.abort();
    if (this.#life.signal.aborted) return;
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    const { edge, now, changed } = this.#ports;
    let pause = firstPause;
    let misses = 0;
    for (let round = 0; pause !== null; round += 1) {
      if (pause > 0) await this.#pause(pause, signal);
      if (signal.aborted) return;
      const began = now().steady;
      // The first read is to answer at once, and so is one after silence.
      const answer = await edge.read(this.#etag, round > 0 && misses === 0 && this.#isAwaiting(), signal);
      if (signal.aborted) return;
      this.#take(answer);
      if (answer.kind === "unanswered") {
        pause = answer.retryAfter || backoff(misses, 1000, 30_000);
        misses += 1;
      } else {
        misses = 0;
        const final = answer.kind === "refused" && this.trouble?.kind !== "conflict";
        pause = final ? null : this.#nextRead(round);
        if (pause === 0) pause = BREATH - (now().steady - began);
      }
      changed();
    }
  }

  /** Takes an answer in. */
  #take(answer: EdgeAnswer): void {
    const { keys, now, warn } = this.#ports;
    const wall = now().wall;
    this.answers += 1;
    if (answer.kind === "unanswered") {
      const { httpStatus } = answer;
      // The edge is there and wants a pause, such as 2 s between two attempts: no trouble of the shopper's.
      if (httpStatus === 429 && this.charge) return;
      if (!this.trouble) warn(`no answer (${httpStatus ?? "network or CORS"}). Is endpoint the edge, and this origin allowed there?`);
      this.trouble ??= { kind: httpStatus === null ? "unreachable" : "server", reason: "no_answer" };
      if (this.#click === "refused") this.#click = "none";
      return;
    }
    const wasLost = this.#click === "lost";
    this.#click = "none";
    if (answer.kind === "refused") {
      const kind = TROUBLES[answer.code] ?? "refused";
      if (kind === "misconfigured" || kind === "refused") warn(answer.detail);
      this.trouble = { kind, reason: answer.code };
      this.charge = answer.charge ?? this.charge;
      this.#etag = null;
      return;
    }
    if (answer.kind === "charge") {
      this.charge = answer.charge;
      this.#etag = answer.etag;
    }
    const click = keys.open(this.#orderId, wall);
    if (click && this.charge && this.charge.attempt > click.attempt) keys.close(this.#orderId, wall);
    const status = this.charge?.status;
    if (PASSING.includes(this.trouble?.kind) || (status !== "ready" && status !== "failed")) this.trouble = null;
    // Nothing has begun: the click came to nothing, and the shopper is waiting to hear so.
    if (wasLost && this.payable && keys.open(this.#orderId, wall)) this.trouble = { kind: "unreachable", reason: "no_answer" };
  }

  /** Whether the charge can change by itself soon: it is undecided, or a click of this browser may still be on its way. */
  #isAwaiting(): boolean {
    const status = this.charge?.status;
    const now = this.#ports.now().wall;
    const click = this.#ports.keys.open(this.#orderId, now);
    return status === "processing" || status === "unconfirmed" || (click !== null && Math.abs(now - click.at) < REPEAT_WINDOW);
  }

  /** Milliseconds until the next read; null when there is nothing to wait for. */
  #nextRead(round: number): number | null {
    if (this.#isAwaiting()) return this.trouble?.kind === "conflict" ? backoff(round, 2000, 30_000) : 0;
    return this.charge?.status === "authorized" ? backoff(round, HELD_PACE, 600_000) : null;
  }

  #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      signal.addEventListener("abort", end);
      this.#wake = end;
      if (signal.aborted) end();
    });
  }
}
