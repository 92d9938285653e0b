import type { ChargeView } from "../src/edge-api.ts";
import type { AttemptKeys } from "./attempt-key.ts";
import { REPEAT_WINDOW } from "./attempt-key.ts";
import type { Moment } from "./clock.ts";
import { elapsed } from "./clock.ts";
import type { EdgeAnswer, EdgeClient, Refusal } from "./edge-client.ts";
import type { ElementStatus } from "./events.ts";
import { LOCK_TIMEOUT } from "./lock.ts";
import type { SessionError } from "./session-error.ts";
import { errorOf, isPassing } from "./session-error.ts";

/** What a session needs of its surroundings. */
export interface SessionPorts {
  readonly edge: EdgeClient;
  readonly keys: AttemptKeys;
  /** Runs a function unless another page of the origin sends a press on this order right now: then it comes to false. */
  readonly lock: (run: () => Promise<void>) => Promise<boolean>;
  readonly now: () => Moment;
  /** Whether the page is in the background. */
  readonly isHidden: () => boolean;
  /**
   * Called after every change, and after every answer.
   *
   * @param hasOpened - the answer to a press shows an open page. Never a read's: the shopper may have come back from there
   */
  readonly onChange: (hasOpened?: boolean) => void;
  /** Tells the developer, in English. What is repeated may be left out. */
  readonly warn: (text: string) => void;
  /** Tells the developer that a press did not lead to a payment, and why. */
  readonly warnOfPress: (text: string) => void;
}

/** The shortest time from one read to the next, for an edge that does not wait. Milliseconds. */
const MIN_POLL_INTERVAL = 1000;

/** How often a held amount is read, at first. Milliseconds. */
const AUTHORIZED_POLL_INTERVAL = 30_000;

/** How long a payment page is read without a sign of the shopper here. Milliseconds. */
const PAGE_POLLED_FOR = 600_000;

/** Twice as long each time, up to a limit, give or take a quarter. Milliseconds. */
function backoff(round: number, first: number, limit: number): number {
  return Math.min(first * 2 ** round, limit) * (0.75 + Math.random() / 2);
}

/** A press on its way. */
interface Press {
  readonly key: string;
  readonly at: Moment;
}

/**
 * The state of the last press: `sending` until its POST is answered; then `refused` (by the edge) or `lost` (two minutes without an answer)
 * until a read has shown how the charge stands.
 */
type PressState = "none" | "sending" | "refused" | "lost";

/**
 * One token at one edge: reads the charge, pays on a press, and follows the charge until it is decided. It keeps the rules of the page's
 * side:
 *
 * 1. A key is stored before its POST is sent.
 * 2. An unanswered POST is repeated under the same key within two minutes of the press. Everything else is reading.
 * 3. Nothing is read while a POST is open, so that an older answer cannot overtake it.
 * 4. A press leads to a POST within {@link LOCK_TIMEOUT}, or to an error.
 * 5. No call is made before the time that an answer's Retry-After names, unless the shopper or the page asks for it.
 */
export class ChargeSession {
  readonly #orderId: string;
  readonly #ports: SessionPorts;
  readonly #life = new AbortController();
  #reading = new AbortController();
  /** Ends the current pause, if there is one. */
  #endPause = (): void => {};
  #charge: ChargeView | null = null;
  #error: SessionError | null = null;
  #answers = 0;
  #press: PressState = "none";
  /** The answer to the last press shows an open page. */
  #hasOpened = false;
  #etag: string | null = null;
  /** For how long the edge wanted no call, in milliseconds, and since when. */
  #retryAfter = 0;
  #answeredAt: Moment;

  constructor(orderId: string, ports: SessionPorts) {
    this.#orderId = orderId;
    this.#ports = ports;
    this.#answeredAt = ports.now();
  }

  /** The charge as the edge gave it last. */
  get charge(): ChargeView | null {
    return this.#charge;
  }

  get error(): SessionError | null {
    return this.#error;
  }

  /** How many answers of the edge, or failures to get one, were taken in. */
  get answers(): number {
    return this.#answers;
  }

  /** The status for the page. */
  get status(): ElementStatus {
    const kind = this.#error?.kind;
    const status = this.#charge?.status;
    if (this.#press === "lost") return "unconfirmed";
    if (this.#press !== "none") return "processing";
    if (kind === "misconfigured" || kind === "conflict") return kind;
    if (kind === "expired" && (status ?? "ready") === "ready") return kind;
    return status ?? (kind ? "unreachable" : "loading");
  }

  /** Whether a press may begin an attempt, as far as is known here. */
  get payable(): boolean {
    const { status } = this;
    const kind = this.#error?.kind;
    return mayBePaid(status) && kind !== "expired" && kind !== "barred";
  }

  /**
   * Reads now, and goes on for as long as there is something to wait for. While a press is being sent, its next repeat is sent now
   * instead, unless the edge wants no call yet.
   *
   * @param isAskedFor - by the shopper or the page: then also in the background, and although the edge wants no call yet
   */
  read(isAskedFor = true): void {
    if (this.#press !== "sending") void this.#follow(isAskedFor ? 0 : this.#heldBackFor, isAskedFor);
    else if (this.#heldBackFor === 0) this.#endPause();
  }

  /** Ends the reads: the page went to the background. A press that is being sent goes on. */
  suspend(): void {
    this.#reading.abort();
  }

  /** Ends all calls and repeats. A POST that has left may still take effect: the edge knows. */
  stop(): void {
    this.#life.abort();
    this.#reading.abort();
  }

  /** Pays. Does nothing unless {@link ChargeSession.payable}. */
  async pay(): Promise<void> {
    const { now, onChange, lock, keys, warnOfPress } = this.#ports;
    if (!this.payable || this.#life.signal.aborted) return;
    this.#reading.abort();
    this.#press = "sending";
    this.#hasOpened = false;
    this.#error = null;
    onChange();
    try {
      const at = now();
      const press = { key: keys.take(this.#orderId, this.#charge?.attempt ?? 0, at.wall), at };
      if (!(await lock(() => this.#send(press)))) await this.#joinOther(press);
    } catch (error) {
      // The key stays open: if a POST has left all the same, the next press belongs to its attempt.
      warnOfPress(`a press was not sent: ${error}`);
      this.#press = "none";
      this.#error ??= { kind: "unsent", reason: "not_sent" };
    }
    if (!this.#life.signal.aborted) await this.#followPress();
  }

  /** Sends a press until the edge has answered it or its time is over. */
  async #send(press: Press): Promise<void> {
    const { edge, now, onChange } = this.#ports;
    const { signal } = this.#life;
    let last = press.at;
    let left = REPEAT_WINDOW;
    for (let round = 0; ; round += 1) {
      const time = now();
      left -= elapsed(last, time);
      last = time;
      if (signal.aborted) return;
      if (left <= 0) {
        this.#press = "lost";
        return;
      }
      const answer = await edge.pay(press.key, left, signal);
      if (signal.aborted) return;
      this.#take(answer);
      if (answer.kind !== "unanswered") {
        this.#onAnswered(answer);
        return;
      }
      if (answer.retryAfter >= left) {
        this.#error ??= { kind: "server", reason: "no_answer" };
        throw new Error("no answer for two minutes");
      }
      onChange();
      await this.#pause(Math.min(answer.retryAfter || backoff(round, 1000, 8000), left), signal);
    }
  }

  /**
   * Another page is sending a press on this order. If the edge knows of an attempt meanwhile, this press belongs to it. Otherwise this one
   * is sent too, under the key that both pages share: the other page may have stopped with the lock in its hand.
   */
  async #joinOther(press: Press): Promise<void> {
    const { edge, now } = this.#ports;
    const timeLeft = this.#pause(LOCK_TIMEOUT - elapsed(press.at, now()), this.#life.signal);
    this.#reading = new AbortController();
    const answer = await Promise.race([edge.read(this.#etag, true, this.#reading.signal), timeLeft]);
    if (answer && this.#isNews(answer)) {
      this.#endPause();
      this.#take(answer);
      return;
    }
    await timeLeft;
    this.#reading.abort();
    await this.#send(press);
  }

  /** Whether an answer shows more than that the order may still be paid, and that no attempt has begun. */
  #isNews(answer: EdgeAnswer): boolean {
    if (answer.kind !== "charge") return answer.kind === "refused";
    return answer.charge.attempt !== this.#charge?.attempt || !mayBePaid(answer.charge.status);
  }

  /** Shows the outcome of a press, and reads on. */
  async #followPress(): Promise<void> {
    const heldBackFor = this.#heldBackFor;
    // After a refusal the shopper first learns how the charge stands, unless that has to wait.
    if (this.#press === "refused" && heldBackFor > 0) this.#press = "none";
    if (this.#press !== "refused") this.#ports.onChange(this.#hasOpened);
    // The charge was given just now, unless the POST was refused or never answered.
    const next = this.#press === "none" ? this.#nextRead(0) : 0;
    await this.#follow(next === null ? null : Math.max(next, heldBackFor));
  }

  /** Reads after a pause in milliseconds, null for never, and then for as long as {@link ChargeSession.#nextRead} says. */
  async #follow(firstPause: number | null, isAskedFor = false): Promise<void> {
    const { edge, now, isHidden, onChange } = this.#ports;
    this.#reading.abort();
    if (this.#life.signal.aborted) return;
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    let pause = firstPause;
    let misses = 0;
    const begunAt = now().steady;
    for (let round = 0; pause !== null; round += 1) {
      if (pause > 0) await this.#pause(pause, signal);
      // In the background nothing is read but what was asked for, and a page only for a while. Back in view, read() goes on.
      if (signal.aborted || (isHidden() && !(isAskedFor && round === 0))) return;
      if (this.#charge?.needs === "payment_page" && now().steady - begunAt > PAGE_POLLED_FOR) return;
      const startedAt = now();
      // The first read is to answer at once, and so is one after a call without an answer.
      const answer = await edge.read(this.#etag, round > 0 && misses === 0 && this.#isAwaiting(), signal);
      if (signal.aborted) return;
      this.#take(answer);
      pause = this.#pauseAfter(answer, round, misses, startedAt);
      misses = answer.kind === "unanswered" ? misses + 1 : 0;
      onChange();
    }
  }

  /** Milliseconds from an answer to the next read; null when there is nothing to wait for. */
  #pauseAfter(answer: EdgeAnswer, round: number, misses: number, startedAt: Moment): number | null {
    if (answer.kind === "unanswered") return answer.retryAfter || backoff(misses, 1000, 30_000);
    if (answer.kind === "refused" && this.#error?.kind !== "conflict") return null;
    const next = this.#nextRead(round);
    if (next === null) return null;
    return Math.max(next || MIN_POLL_INTERVAL - (this.#ports.now().steady - startedAt.steady), answer.retryAfter);
  }

  /** Milliseconds until the next read; null when there is nothing to wait for. */
  #nextRead(round: number): number | null {
    if (this.#isAwaiting()) return this.#error?.kind === "conflict" ? backoff(round, 2000, 30_000) : 0;
    return this.#charge?.status === "authorized" ? backoff(round, AUTHORIZED_POLL_INTERVAL, 600_000) : null;
  }

  /** Whether the charge can change by itself soon: it is undecided, or a press of this browser may still arrive. */
  #isAwaiting(): boolean {
    const status = this.#charge?.status;
    const time = this.#ports.now().wall;
    const open = this.#ports.keys.open(this.#orderId, time);
    return status === "processing" || status === "unconfirmed" || (open !== null && Math.abs(time - open.at) < REPEAT_WINDOW);
  }

  /** How long the edge still wants no call, in milliseconds. */
  get #heldBackFor(): number {
    return Math.max(0, this.#retryAfter - elapsed(this.#answeredAt, this.#ports.now()));
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
      this.#endPause = end;
      if (signal.aborted) end();
    });
  }

  /** Takes an answer in. */
  #take(answer: EdgeAnswer): void {
    this.#answers += 1;
    this.#retryAfter = answer.retryAfter;
    this.#answeredAt = this.#ports.now();
    if (answer.kind === "unanswered") {
      this.#takeNoAnswer(answer.httpStatus);
      return;
    }
    const wasLost = this.#press === "lost";
    this.#press = "none";
    if (answer.kind === "refused") {
      this.#takeRefusal(answer);
      return;
    }
    if (answer.kind === "charge") {
      this.#charge = answer.charge;
      this.#etag = answer.etag;
    }
    this.#takeCharge(wasLost);
  }

  #takeNoAnswer(httpStatus: number | null): void {
    // The edge is there and wants a pause, such as 2 s between two attempts: that is no error to a shopper.
    if (httpStatus === 429 && this.#charge) return;
    if (!this.#error) this.#ports.warn(`no answer (${httpStatus ?? "network or CORS"}). Check endpoint, ALLOWED_ORIGINS and connect-src.`);
    this.#error ??= { kind: httpStatus === null ? "unreachable" : "server", reason: "no_answer" };
    if (this.#press === "refused") this.#press = "none";
  }

  #takeRefusal({ code, detail, charge }: Refusal): void {
    this.#error = errorOf(code);
    if (this.#error.kind === "misconfigured" || this.#error.kind === "refused") this.#ports.warn(detail);
    this.#charge = charge ?? this.#charge;
    this.#etag = null;
  }

  #takeCharge(wasLost: boolean): void {
    const { keys, now, warnOfPress } = this.#ports;
    const { wall } = now();
    const charge = this.#charge;
    const open = keys.open(this.#orderId, wall);
    const isBegun = open !== null && charge !== null && charge.attempt > open.attempt;
    if (isBegun) keys.close(this.#orderId, wall);
    if (isPassing(this.#error) || !mayBePaid(charge?.status)) this.#error = null;
    if (!wasLost || !this.payable || !open || isBegun) return;
    // No attempt has begun: the press came to nothing.
    this.#error = { kind: "unreachable", reason: "no_answer" };
    warnOfPress("no answer for two minutes.");
  }

  /** The edge has answered a press. */
  #onAnswered(answer: EdgeAnswer): void {
    const { keys, now, warnOfPress } = this.#ports;
    keys.close(this.#orderId, now().wall);
    this.#hasOpened = answer.kind === "charge" && Boolean(answer.charge.payment_page);
    if (answer.kind !== "refused") return;
    warnOfPress(answer.detail);
    if (errorOf(answer.code).kind !== "misconfigured") this.#press = "refused";
  }
}

/** Nothing is undecided and nothing is taken. */
function mayBePaid(status: ElementStatus | undefined): boolean {
  return status === "ready" || status === "failed";
}
