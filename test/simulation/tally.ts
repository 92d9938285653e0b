/** What histories went through: so that nobody believes a simulation that never met what it is to be afraid of. */
import type { Modules } from "./edge-modules.ts";
import type { Happening } from "./happening.ts";
import type { Deed } from "./scenario.ts";

/** Counts by name. */
export type Counts = Record<string, number>;

export function add(counts: Counts, name: string, by = 1): void {
  counts[name] = (counts[name] ?? 0) + by;
}

/** Adds up counts of several histories. */
export function addAll(to: Counts, from: Readonly<Counts>): void {
  for (const [name, count] of Object.entries(from)) add(to, name, count);
}

/** Everything that is counted of a history, or of many. */
export interface Tally {
  /** Faults of calls that really struck, and what befell the edge. */
  readonly faults: Counts;
  /** `event on status`: events that reached the state machine, by the status of the order before. */
  readonly events: Counts;
  /** How calls ended. */
  readonly outcomes: Counts;
  /** What askings were answered. */
  readonly replies: Counts;
  /** Statuses that the order came to. */
  readonly statuses: Counts;
  clicks: number;
  creates: number;
}

export function newTally(): Tally {
  return { faults: {}, events: {}, outcomes: {}, replies: {}, statuses: {}, clicks: 0, creates: 0 };
}

export function addTally(to: Tally, from: Tally): void {
  addAll(to.faults, from.faults);
  addAll(to.events, from.events);
  addAll(to.outcomes, from.outcomes);
  addAll(to.replies, from.replies);
  addAll(to.statuses, from.statuses);
  to.clicks += from.clicks;
  to.creates += from.creates;
}

/** Counts a deed, and each setting of a deployment. */
function countDeed(tally: Tally, deed: Deed): void {
  add(tally.faults, `deed: ${deed.does}${deed.does === "refuse_storage" && deed.lasts === null ? ", for good" : ""}`);
  if (deed.does !== "deploy" || deed.settings === undefined) return;
  const { gateway, retentionDays, rules } = deed.settings;
  if (gateway !== undefined) add(tally.faults, `deploy: ${gateway}`);
  if (retentionDays !== undefined) add(tally.faults, `deploy: RETENTION_DAYS ${retentionDays}`);
  if (rules !== undefined) add(tally.faults, `deploy: ${rules}`);
}

/** Counts what it hears. */
export function count(tally: Tally, edge: Modules, happening: Happening): void {
  switch (happening.what) {
    case "applied": {
      const before = edge.view.statusOf(happening.before);
      const after = edge.view.statusOf(happening.after);
      add(tally.events, `${happening.event.type} on ${before}`);
      if (after !== before) add(tally.statuses, after);
      if (happening.before.gatewayChanged !== null && happening.after.gatewayChanged === null)
        add(tally.faults, `edge: the order comes home ${before}`);
      if (happening.after.redactedAt !== happening.before.redactedAt) add(tally.statuses, "redacted");
      for (const { reason } of happening.after.attention.slice(happening.before.attention.length)) add(tally.statuses, `told: ${reason}`);
      break;
    }
    case "asked": {
      const { event, reply } = happening;
      if (event.type === "pay") tally.clicks += 1;
      const said = reply === null ? "broke off" : reply.ok ? (reply.began ? "began" : "known or joined") : reply.code;
      add(tally.replies, `${event.type}: ${said}`);
      break;
    }
    case "ended":
      add(tally.outcomes, happening.outcome.kind === "unknown" ? happening.outcome.reason : happening.outcome.kind);
      if (!happening.heard) add(tally.faults, "edge: an answer reached nobody");
      break;
    case "received": {
      const { passage, receipt } = happening;
      if (passage.call.action.name === "gateway.payment.create") tally.creates += 1;
      if (passage.strike !== null) add(tally.faults, `${passage.strike.on}: ${passage.strike.name}`);
      if (receipt === "key refused") add(tally.faults, "gateway: key refused");
      else if (receipt.replayOf !== null) add(tally.faults, `gateway: replay of ${receipt.replayOf}`);
      if (passage.strike?.name === "401" && passage.again) add(tally.faults, "401 on a resend");
      break;
    }
    case "acted":
      if (happening.late) add(tally.faults, happening.call.requestId === "" ? "gateway: in the cabinet" : "gateway: accepted late");
      if (happening.made?.shows.status !== undefined) add(tally.faults, "gateway: a word that nobody knows, for good");
      break;
    case "called back":
      add(tally.faults, `callback: ${happening.callback.forged ? "forged" : happening.callback.kind}, ${happening.answer}`);
      break;
    case "evicted":
      add(tally.faults, `edge: ${happening.why.replace(/[\d.]+ s/, "N s")}`);
      break;
    case "deed":
      countDeed(tally, happening.deed);
      break;
    case "odd rows":
      add(tally.faults, `gateway: rows with ${happening.how}`);
      break;
    case "rang":
      if (happening.late > 0) add(tally.faults, "edge: alarm late");
      break;
    case "broke":
      add(tally.faults, "edge: storage refused");
      break;
    case "departed":
    case "told":
    case "rung":
    case "hinted":
    case "replied":
      break;
  }
}
