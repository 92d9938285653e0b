/**
 * Runs the state machine: load, transition, commit with outbox and deadlines, effects. The same code runs in the Durable Object and in
 * the simulation. Storage, clock, random values and the gateway are ports.
 */
import { gatewayTime } from "../../src/lib/gateway-time.ts";
import { cardDigest } from "../../src/merchant-api/card-digest.ts";
import { pageAddress } from "../../src/merchant-api/page-address.ts";
import type { CreatedPayment } from "../../src/payment.ts";
import type { GatewayCall, GatewayOutcome } from "./gateway-call.ts";
import type { ChargeRecord, Deadline, KeyBinding, OutboxRow } from "./record.ts";
import { newRecord } from "./record.ts";
import type { ChargeEvent, Decision, Effect, FollowingRead, PollAnswer, PollRead, Random, SendOutcome } from "./event.ts";
import { deadlinesOf } from "./deadlines.ts";
import type { ListedCard } from "./page-record.ts";
import { readAfterCreate } from "./events/create-answered.ts";
import { pollWait } from "./poll-wait.ts";
import { CALL_LOST_AFTER } from "./schedule.ts";
import { transition } from "./transition.ts";
import { merchantChargeView } from "./view.ts";

/** The changes of one transition. They are stored in one transaction. */
export interface Commit {
  readonly record: ChargeRecord;
  readonly binding: KeyBinding | null;
  readonly outbox: readonly OutboxRow[];
  readonly deadlines: readonly Deadline[];
  /** Whether bindings and outbox rows are deleted, because the order was redacted (M10). */
  readonly forget: boolean;
  /** Whether the merchant's view has changed, so that the daily indexes get the new one. */
  readonly isViewChanged: boolean;
}

/**
 * The storage of one order. Every method is synchronous, so nothing can interleave. The platform holds each outgoing call until the writes
 * before it are durable (Durable Objects, output gates).
 */
export interface ChargeStore {
  load(): ChargeRecord | null;
  binding(scope: string, key: string): KeyBinding | null;
  /** Stores record, key, outbox rows, deadlines and alarm in one transaction. */
  commit(commit: Commit): void;
  /** Stores the deadline of these deadlines if it differs from the stored one. */
  storeDueTime(deadlines: readonly Deadline[]): void;
}

/** A call that left the queue, or did not. */
export interface SentCall<Answer> {
  readonly outcome: SendOutcome<Answer>;
  /** When it left; null if it did not. */
  readonly leftAt: number | null;
}

/** The ports of the runner. */
export interface Ports {
  readonly orderId: string;
  readonly store: ChargeStore;
  readonly random: Random;
  readonly gatewayKeyCount: number;
  readonly retentionDays: number;
  /** Whether the settings name another gateway or merchant than the order's home (M1). */
  readonly isAway: boolean;
  /** Binds a profile of the Merchant API to its user (P9). */
  bindProfile(profileId: string, userId: string): Promise<string>;
  /** FREEDOM_PAY_URL: the address of a page has to be the gateway's (P8). */
  readonly gatewayUrl: string;
  /** The calls of this order that are queued or open: `attempt 1 send`, `operation 2 poll`. The runner keeps it. */
  readonly openCalls: Set<string>;
  now(): number;
  /**
   * Queues, signs and sends a call with the gateway key of this index. Nothing leaves before the commits up to now are durable. A call
   * that still waits at `expiresAt` is not sent. Never rejects.
   */
  send<Answer>(call: GatewayCall<Answer>, options: { readonly key: number; readonly expiresAt: number }): Promise<SentCall<Answer>>;
  /** The same for a read. It is repeated with the other key if the first is refused. */
  read<Answer>(call: GatewayCall<Answer>, options: { readonly expiresAt: number }): Promise<SendOutcome<Answer>>;
  /** Resolves with the value, or with null if that takes longer. */
  within<Value>(milliseconds: number, value: Promise<Value>): Promise<Value | null>;
  /** Resolves at this time; at once if it has passed. */
  until(at: number): Promise<void>;
  /** Called after each commit that changed something. */
  onCommit(event: ChargeEvent, before: ChargeRecord, after: ChargeRecord): void;
  /** Called when an effect throws. Its deadline is stored, so the order is polled later. */
  onError(error: unknown): void;
}

/** The decision on an event, and its open effects. */
export interface Run {
  readonly reply: Decision | null;
  readonly pending: Promise<void>;
}

/** The read that follows a create at once shares its commit, unless it takes longer than this. */
const FOLLOWING_READ_TAKES = 1000;

/** The stored record, or a new one. Writes nothing. */
export function currentRecord(ports: Pick<Ports, "store" | "orderId">): ChargeRecord {
  return ports.store.load() ?? newRecord(ports.orderId);
}

/**
 * Applies one event. Load, transition and commit are one synchronous step. `pending` resolves when the effects and the events that they
 * caused have ended. It never rejects.
 */
export function run(ports: Ports, event: ChargeEvent): Run {
  const stored = ports.store.load();
  const before = stored ?? newRecord(ports.orderId);
  const { random, gatewayKeyCount, retentionDays, isAway, openCalls } = ports;
  const step = transition(before, event, { now: ports.now(), random, gatewayKeyCount, retentionDays, isAway, openCalls });
  const { record, binding, outbox, effects, forget } = step;
  if (binding !== null || JSON.stringify(record) !== JSON.stringify(before)) {
    const isViewChanged = !forget && viewText(stored) !== viewText(record);
    ports.store.commit({ record, binding, outbox, deadlines: deadlinesOf(record, ports), forget, isViewChanged });
    ports.onCommit(event, before, record);
  } else if (stored !== null) ports.store.storeDueTime(deadlinesOf(record, ports));
  return { reply: step.reply, pending: perform(ports, record, effects) };
}

function viewText(record: ChargeRecord | null): string {
  return record === null ? "" : JSON.stringify(merchantChargeView(record));
}

async function perform(ports: Ports, record: ChargeRecord, effects: readonly Effect[]): Promise<void> {
  await Promise.all(
    effects.map(async (effect) => {
      const name = openCallOf(effect);
      ports.openCalls.add(name);
      try {
        const event = await eventOf(ports, record, effect);
        ports.openCalls.delete(name);
        await run(ports, event).pending;
      } catch (error) {
        ports.openCalls.delete(name);
        ports.onError(error);
      }
    }),
  );
}

/** Waits until the reads of a poll leave. @returns false if the attempt was changed or redacted meanwhile, because their answer would be dropped */
async function isStillWanted(ports: Ports, { attempt, generation, startedAt }: Extract<Effect, { kind: "poll" }>): Promise<boolean> {
  const name = pollWait(attempt, startedAt);
  ports.openCalls.add(name);
  await ports.until(startedAt);
  ports.openCalls.delete(name);
  return ports.store.load()?.attempts[attempt - 1]?.generation === generation;
}

function openCallOf(effect: Effect): string {
  switch (effect.kind) {
    case "send":
    case "open_page":
      return `attempt ${effect.attempt} send`;
    case "list_cards":
      return `attempt ${effect.attempt} cards`;
    case "poll":
      return `attempt ${effect.attempt} poll`;
    case "edit":
      return `operation ${effect.operation} send`;
    case "poll_operation":
      return `operation ${effect.operation} poll`;
    case "read_resolution":
      return `resolution ${effect.resolution}`;
  }
}

/** Performs an effect and returns the event of its end. */
async function eventOf(ports: Ports, record: ChargeRecord, effect: Effect): Promise<ChargeEvent> {
  switch (effect.kind) {
    case "send": {
      const { attempt, send, key, call, expiresAt } = effect;
      const sent = await ports.send(call, { key, expiresAt });
      return { type: "create_answered", attempt, send, ...sent, read: await followingRead(ports, record, attempt, sent.outcome, call) };
    }
    case "edit": {
      const { operation, send, key, call, expiresAt } = effect;
      return { type: "edit_answered", operation, send, ...(await ports.send(call, { key, expiresAt })) };
    }
    case "open_page": {
      const { attempt, send, key, call, expiresAt } = effect;
      const sent = await ports.send(call, { key, expiresAt });
      const { outcome } = sent;
      const address = outcome.kind === "answered" ? pageAddress(outcome.answer.redirectUrl, ports.gatewayUrl) : null;
      return { type: "page_opened", attempt, send, ...sent, address };
    }
    case "list_cards":
      return { type: "cards_listed", attempt: effect.attempt, cards: await listedCards(ports, effect) };
    case "poll": {
      const { attempt, generation, startedAt } = effect;
      const isWanted = startedAt <= ports.now() || (await isStillWanted(ports, effect));
      if (!isWanted) return { type: "polled", attempt, generation, startedAt, answers: [] };
      const answers = await Promise.all(effect.reads.map((read) => sendRead(ports, read, startedAt + CALL_LOST_AFTER)));
      return { type: "polled", attempt, generation, startedAt, answers: answers.filter((answer) => answer !== null) };
    }
    case "poll_operation": {
      const { operation, generation, startedAt } = effect;
      const expiresAt = startedAt + CALL_LOST_AFTER;
      const [payment, request] = await Promise.all([
        ports.read(effect.payment, { expiresAt }),
        effect.request === null ? null : ports.read(effect.request, { expiresAt }),
      ]);
      return {
        type: "operation_polled",
        operation,
        generation,
        startedAt,
        payment: outcomeIfSent(payment),
        request: outcomeIfSent(request),
      };
    }
    case "read_resolution": {
      const { resolution } = effect;
      const payment = await ports.read(effect.payment, { expiresAt: ports.now() + CALL_LOST_AFTER });
      return { type: "resolution_read", resolution, payment: outcomeIfSent(payment) };
    }
  }
}

/** The cards of a user, with profiles that only that user can use; null if they could not be read. */
async function listedCards(ports: Ports, { call, userId }: Extract<Effect, { kind: "list_cards" }>): Promise<readonly ListedCard[] | null> {
  const outcome = await ports.read(call, { expiresAt: ports.now() + CALL_LOST_AFTER });
  if (outcome.kind !== "answered") return null;
  return Promise.all(
    outcome.answer.map(async ({ profileId, cardToken, last4, createdAt }) => {
      const at = gatewayTime(createdAt ?? undefined);
      return {
        profileId: profileId === null ? null : await ports.bindProfile(profileId, userId),
        cardDigest: cardToken === null ? null : cardDigest(cardToken),
        last4,
        createdAt: Number.isNaN(at) ? null : at,
      };
    }),
  );
}

async function followingRead(
  ports: Ports,
  record: ChargeRecord,
  attempt: number,
  outcome: SendOutcome<CreatedPayment>,
  { requestId }: GatewayCall<CreatedPayment>,
): Promise<FollowingRead | null> {
  const sent = record.attempts[attempt - 1];
  if (sent === undefined) return null;
  const read = readAfterCreate({ outcome, requestId, attempt: sent, random: ports.random });
  if (read === null) return null;
  const startedAt = ports.now();
  const answer = await ports.within(FOLLOWING_READ_TAKES, sendRead(ports, read, startedAt + FOLLOWING_READ_TAKES));
  return answer === null ? null : { startedAt, answer };
}

/** Sends a read and returns its answer; null if it never left the queue. */
async function sendRead(ports: Ports, read: PollRead, expiresAt: number): Promise<PollAnswer | null> {
  if (read.about === "request") {
    const outcome = outcomeIfSent(await ports.read(read.call, { expiresAt }));
    return outcome === null ? null : { about: "request", outcome };
  }
  const outcome = outcomeIfSent(await ports.read(read.call, { expiresAt }));
  return outcome === null
    ? null
    : { about: "order", orderId: read.orderId, ...(read.tryId === undefined ? {} : { tryId: read.tryId }), outcome };
}

function outcomeIfSent<Answer>(sent: SendOutcome<Answer> | null): GatewayOutcome<Answer> | null {
  return sent === null || sent.kind === "not_sent" ? null : sent;
}
