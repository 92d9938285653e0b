/**
 * Runs the state machine: load, transition, commit with outbox and deadlines, effects. The same code runs in the Durable Object and in
 * the simulation. Storage, clock, random values and the gateway are ports.
 */
import type { Outcome } from "../../src/outcome.ts";
import type { UnsignedCall } from "../../src/payment.ts";
import type { ChargeRecord, Deadline, Home, KeyBinding, OutboxRow } from "./record.ts";
import { newRecord } from "./record.ts";
import type { ChargeEvent, Effect, PollAnswer, PollRead, Decision, Random } from "./event.ts";
import { deadlinesOf, transition } from "./transition.ts";

/** The changes of one transition. They are stored in one transaction. */
export interface Commit {
  readonly record: ChargeRecord;
  readonly binding: KeyBinding | null;
  readonly outbox: readonly OutboxRow[];
  readonly deadlines: readonly Deadline[];
  /** Whether bindings and outbox rows are deleted, because the order was redacted (M10). */
  readonly forget: boolean;
}

/** The storage of one order. Every method but {@link ChargeStore.durable} is synchronous, so nothing can interleave. */
export interface ChargeStore {
  load(): ChargeRecord | null;
  binding(scope: string, key: string): KeyBinding | null;
  /** Stores record, key, outbox rows, deadlines and alarm in one transaction. */
  commit(commit: Commit): void;
  /** Replaces the stored deadlines if they differ, and sets the alarm to the earliest. */
  schedule(deadlines: readonly Deadline[]): void;
  /** Resolves when everything that was committed survives a crash. */
  durable(): Promise<void>;
}

/** The ports of the runner. */
export interface Ports {
  readonly orderId: string;
  readonly store: ChargeStore;
  readonly random: Random;
  readonly gatewayKeys: number;
  readonly retentionDays: number;
  /** The gateway and merchant that the settings name. */
  readonly home: Home;
  now(): number;
  /** Signs and sends a call with the gateway key of this index. Never rejects. */
  send<Answer>(call: UnsignedCall<Answer>, key: number): Promise<Outcome<Answer>>;
  /** Signs and sends a read; repeats it with the other key if the first is refused. Never rejects. */
  read<Answer>(call: UnsignedCall<Answer>): Promise<Outcome<Answer>>;
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

/** The stored record, or a new one. Writes nothing. */
export function currentRecord(ports: Pick<Ports, "store" | "orderId" | "home">): ChargeRecord {
  return ports.store.load() ?? newRecord(ports.orderId, ports.home);
}

/**
 * Computes the deadlines of a stored order again. Call it when an object is opened, because the settings may have changed (M9).
 */
export function refreshDeadlines(ports: Ports): void {
  const record = ports.store.load();
  if (record !== null) ports.store.schedule(deadlinesOf(record, ports));
}

/**
 * Applies one event. Load, transition and commit are one synchronous step. The effects start once the commit is durable. `pending`
 * resolves when the effects and the events that they caused have ended. It never rejects.
 */
export function run(ports: Ports, event: ChargeEvent): Run {
  const stored = ports.store.load();
  const before = stored ?? newRecord(ports.orderId, ports.home);
  const { random, gatewayKeys, retentionDays, home } = ports;
  const step = transition(before, event, { now: ports.now(), random, gatewayKeys, retentionDays, home });
  const { record, binding, outbox, effects, forget } = step;
  if (binding !== null || JSON.stringify(record) !== JSON.stringify(before)) {
    ports.store.commit({ record, binding, outbox, deadlines: deadlinesOf(record, ports), forget });
    ports.onCommit(event, before, record);
  } else if (stored !== null) ports.store.schedule(deadlinesOf(record, ports));
  return { reply: step.reply, pending: effects.length === 0 ? Promise.resolve() : perform(ports, effects) };
}

async function perform(ports: Ports, effects: readonly Effect[]): Promise<void> {
  try {
    await ports.store.durable();
    await Promise.all(effects.map(async (effect) => run(ports, await eventOf(ports, effect)).pending));
  } catch (error) {
    ports.onError(error);
  }
}

/** Performs an effect and returns the event of its end. */
async function eventOf(ports: Ports, effect: Effect): Promise<ChargeEvent> {
  if (effect.kind === "send") {
    const outcome = await ports.send(effect.call, effect.key);
    return { type: "create_answered", attempt: effect.attempt, send: effect.send, outcome };
  }
  if (effect.kind === "edit") {
    const outcome = await ports.send(effect.call, effect.key);
    return { type: "edit_answered", operation: effect.operation, send: effect.send, outcome };
  }
  if (effect.kind === "poll_operation") {
    const { operation, generation, startedAt } = effect;
    const [payment, request] = await Promise.all([ports.read(effect.payment), effect.request === null ? null : ports.read(effect.request)]);
    return { type: "operation_polled", operation, generation, startedAt, payment, request };
  }
  if (effect.kind === "read_resolution") {
    return { type: "resolution_read", resolution: effect.resolution, payment: await ports.read(effect.payment) };
  }
  const answers = await Promise.all(effect.reads.map((read) => answerOf(ports, read)));
  return { type: "polled", attempt: effect.attempt, generation: effect.generation, startedAt: effect.startedAt, answers };
}

async function answerOf(ports: Ports, read: PollRead): Promise<PollAnswer> {
  if (read.about === "request") return { about: "request", outcome: await ports.read(read.call) };
  return { about: "order", orderId: read.orderId, outcome: await ports.read(read.call) };
}
