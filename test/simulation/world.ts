/** Lives one history: the shop, the edge and the gateway in virtual time, watched after every step. */
import type { ModelState, PlannedCallback } from "../../src/simulator/index.ts";
import { createModel, editInCabinet, placePayment } from "../../src/simulator/index.ts";
import type { ChargeRecord, Home } from "../../edge/machine/record.ts";
import { Chance, hashOf } from "./chance.ts";
import type { Deployments } from "./deployments.ts";
import { deployed, deploymentsOf } from "./deployments.ts";
import type { Edge } from "./edge.ts";
import type { Modules } from "./edge-modules.ts";
import type { CallbackAnswer, Happening } from "./happening.ts";
import { Line } from "./line.ts";
import { SimulatedObject } from "./object.ts";
import type { Violation } from "./watch.ts";
import { Oracle } from "./oracle.ts";
import type { Numbers, RulesName } from "./rules-of-a-deployment.ts";
import { RULES } from "./rules-of-a-deployment.ts";
import type { Deed, GatewayName, Reaction, Scenario } from "./scenario.ts";
import { DAY, GATEWAYS, HOUR, MINUTE, ORDER_ID, SECOND, START } from "./scenario.ts";
import { Schedule, settle } from "./schedule.ts";
import { SecondPayments } from "./second-payments.ts";
import type { Tally } from "./tally.ts";
import { add, count, newTally } from "./tally.ts";
import { prologue, tellOf, timeText } from "./teller.ts";

/** A history that does not end by then is a violation. */
const MOST_STEPS = 60_000;

/** What a read that is of no use costs. */
const LOST_READ = 20 * SECOND;

const samePlace = (one: Home, other: Home): boolean => one.host === other.host && one.merchantId === other.merchantId;

/** A history that was lived. */
export interface Life {
  readonly violation: Violation | null;
  readonly steps: number;
  readonly tally: Tally;
  /** Two lives of one scenario have the same. */
  readonly fingerprint: number;
  readonly story: readonly string[];
  /** True times at which the order was first shown decided, by status. */
  readonly shownAt: ReadonlyMap<string, number>;
}

/** What one may ask for beside the verdict. */
export interface LifeOptions {
  readonly tells?: boolean;
}

class World {
  readonly schedule = new Schedule(START);
  readonly scenario: Scenario;
  /** The wires to all gateways that the settings may name, and their books. */
  readonly lines: Readonly<Record<GatewayName, Line>>;
  readonly object: SimulatedObject;
  readonly oldIds: ReadonlySet<string>;
  readonly tally: Tally = newTally();
  readonly story: string[] = [];
  readonly shownAt = new Map<string, number>();
  readonly #tells: boolean;
  readonly #oracle: Oracle;
  readonly #reactions: Reaction[];
  readonly #deployments: Deployments;
  #gateway: GatewayName = "first";
  #retentionDays: number;
  #rules: RulesName = "usual";
  readonly #formerRules = new Set<RulesName>(["usual"]);
  /** The order's home, and the stored text that says so. */
  #home: { readonly text: string | null; readonly home: Home | null } = { text: null, home: null };
  readonly #secondPayments = new SecondPayments();
  /** The tickets of all attempts, also once the order was redacted. */
  readonly #tickets: string[] = [];
  #ahead = 0;
  #slip = 0;
  #edgeKeys: readonly string[];
  #gatewayKeys: readonly string[];
  #disturbed = START;
  #refusesUntil = 0;
  #losesUntil = 0;
  #restored = false;
  #refusals = 0;
  #lied = false;
  #gap = false;
  #misquoted = false;
  #fingerprint = 0;
  #hintedFrom = Number.POSITIVE_INFINITY;

  constructor(scenario: Scenario, deployments: Deployments, tells: boolean) {
    this.scenario = scenario;
    this.#deployments = deployments;
    this.#retentionDays = scenario.retentionDays;
    this.#tells = tells;
    this.#edgeKeys = scenario.edgeKeys;
    this.#gatewayKeys = scenario.gatewayKeys;
    this.#reactions = [...scenario.reactions];
    const chance = new Chance(scenario.seed).fork("life");
    this.lines = {
      first: this.#lineTo("first", chance.fork("latency"), 1_000_000_001),
      "other gateway": this.#lineTo("other gateway", chance.fork("latency of the other gateway"), 2_000_000_001),
      "other merchant": this.#lineTo("other merchant", chance.fork("latency of the other merchant"), 3_000_000_001),
    };
    this.oldIds = this.#placeOld();
    this.object = new SimulatedObject(this, chance.fork("object"));
    this.#oracle = new Oracle(this);
  }

  // What the line, the object and the oracle ask of the world.
  accepts = (): readonly string[] => this.#gatewayKeys;
  keys = (): readonly string[] => this.#edgeKeys;
  home = (): Home => GATEWAYS[this.#gateway];
  retentionDays = (): number => this.#retentionDays;
  numbers = (): Numbers => RULES[this.#rules].numbers;
  rulesWereChanged = (): boolean => this.#formerRules.size > 1;
  secondPayments = (): ReadonlySet<string> => this.#secondPayments.ids;
  ahead = (): number => this.#ahead;
  slip = (): number => this.#slip;
  lastReadAt = (): number => this.#hintedFrom;
  wasRestored = (): boolean => this.#restored;
  hasGap = (): boolean => this.#gap;
  wasLiedTo = (): boolean => this.#lied;
  wasMisquoted = (): boolean => this.#misquoted;
  disturbedAt = (): number => (this.isAway() ? Math.max(this.#disturbed, this.schedule.now) : this.#disturbed);
  disturb = (milliseconds = 0): void => {
    this.#disturbed = Math.max(this.#disturbed, this.schedule.now + milliseconds);
  };
  storageRefuses = (): boolean => this.schedule.now < this.#refusesUntil;
  storageLoses = (): boolean => this.schedule.now < this.#losesUntil;

  /** The edge as it is deployed now. */
  get edge(): Modules {
    return deployed(this.#deployments, this.#rules);
  }

  /** The wire to the gateway that the settings name. */
  get line(): Line {
    return this.lines[this.#gateway];
  }

  /** The books of the gateway and merchant that the order belongs to: once it is stored for good. */
  get model(): ModelState {
    const home = this.orderHome() ?? this.home();
    return Object.values(this.lines).find(({ to }) => samePlace(to, home))?.model ?? this.line.model;
  }

  /** The gateway and merchant that the order belongs to, by its stored record; null while there is none. */
  orderHome(): Home | null {
    const text = this.object.store.rows.record;
    if (text !== this.#home.text) {
      const [, host, merchantId] = /"home":\{"host":"([^"]*)","merchantId":"([^"]*)"\}/.exec(text ?? "") ?? [];
      this.#home = { text, home: host === undefined || merchantId === undefined ? null : { host, merchantId } };
    }
    return this.#home.home;
  }

  /** Whether the settings name another gateway or merchant than the order's own. */
  isAway(): boolean {
    const home = this.orderHome();
    return home !== null && !samePlace(home, this.home());
  }

  deliver(callback: PlannedCallback): CallbackAnswer {
    return this.object.callback(callback.kind, decodeURIComponent(callback.url.split("/").at(-1) ?? ""), callback.facts);
  }

  emit(happening: Happening): void {
    const { now } = this.schedule;
    count(this.tally, this.edge, happening);
    this.#hearOfSecondPayments(happening);
    if (happening.what === "received") {
      this.#lied ||= happening.passage.strike?.name === "{}";
      this.#misquoted ||= happening.passage.strike?.name === "amount wrong";
    }
    // A read with too many rows is of no use.
    if (happening.what === "odd rows" && happening.how === "too many") this.disturb(LOST_READ);
    this.#oracle.hear(happening);
    const line = this.#tells ? tellOf(this.edge, happening) : null;
    if (line !== null) this.story.push(`${timeText(now)} ${line}`);
    if (happening.what !== "applied") return;
    for (const { number, ticket } of happening.after.attempts) if (ticket !== "") this.#tickets[number - 1] = ticket;
    this.#refusals = Math.max(this.#refusals, refusals(happening.after));
    if (this.#restored && refusals(happening.after) < this.#refusals) this.#gap = true;
    this.#fingerprint = hashOf(`${this.#fingerprint} ${now} ${JSON.stringify(happening.after)}`);
    const status = this.edge.view.statusOf(happening.after);
    if (!this.shownAt.has(status)) this.shownAt.set(status, now);
    if (status !== this.edge.view.statusOf(happening.before)) this.#react(status);
  }

  async live(): Promise<Life> {
    const { schedule, scenario } = this;
    for (const deed of scenario.deeds) schedule.at(START + deed.at, () => this.#do(deed));
    for (const { from, lasts } of scenario.outages) schedule.at(START + from + lasts, () => this.disturb());
    // Where nothing happens it is judged all the same, so that what should have happened is missed.
    for (let at = MINUTE; at < scenario.endsAt; at += judgedAfter(at)) schedule.at(START + at, () => undefined);
    const evictions = new Set(scenario.evictBeforeStep);
    const end = START + scenario.endsAt;
    while (await this.#step(end)) {
      if (evictions.has(schedule.steps + 1)) this.object.evict(schedule.steps % 2 === 0, "between two steps");
    }
    await this.#conclude(end);
    const { violation } = this.#oracle;
    if (this.#tells && violation !== null) this.story.push(`${timeText(violation.at)} ${violation.invariant} BROKEN: ${violation.text}`);
    return {
      violation,
      steps: schedule.steps,
      tally: this.tally,
      fingerprint: this.#fingerprint,
      story: this.#tells ? [...prologue(scenario), ...this.story] : [],
      shownAt: this.shownAt,
    };
  }

  async #step(until: number): Promise<boolean> {
    if (this.#oracle.violation !== null || !this.schedule.step(until)) return false;
    await settle();
    this.#oracle.afterStep();
    if (this.schedule.steps <= MOST_STEPS) return true;
    this.#oracle.violation = { invariant: "I9", text: `it does not come to rest in ${MOST_STEPS} steps`, at: this.schedule.now };
    return false;
  }

  /** In calm, everything is read once more; then the books are compared. */
  async #conclude(end: number): Promise<void> {
    if (this.#oracle.violation !== null) return;
    const { schedule, object } = this;
    this.#reactions.length = 0;
    schedule.at(end, () => {
      for (const line of Object.values(this.lines)) line.becomeCalm();
      this.#refusesUntil = 0;
      this.#losesUntil = 0;
      this.#gatewayKeys = [...this.#gatewayKeys, ...this.#edgeKeys];
      this.disturb();
    });
    // A look that is on its way, or lost with its object, ends within 45 s; hints are heeded once in 5 s.
    this.#hintedFrom = end + 50 * SECOND;
    let asks = 0;
    schedule.at(this.#hintedFrom, () => {
      // Those of now: somebody may have clicked in the last moment.
      const tickets = object.record.attempts.filter(({ sends }) => sends.length > 0).map(({ ticket }) => ticket);
      for (const ticket of [...tickets, ...tickets]) {
        schedule.after(asks * 6 * SECOND, () => void object.callback("result", ticket, null));
        asks += 1;
      }
    });
    while (await this.#step(end + 2 * MINUTE + asks * 6 * SECOND)) {
      // Nothing is done any more: it only comes to rest.
    }
    if (this.#oracle.violation === null) this.#oracle.conclude();
  }

  #lineTo(name: GatewayName, latency: Chance, firstId: number): Line {
    const { remembersRequestsFor, replaysOrdersFor, settlesAfter, outages } = this.scenario;
    const model = createModel({ firstId, remembersRequestsFor, replaysOrdersFor, settlesAfter });
    for (const { from, lasts, answer } of outages) model.outages.push({ from: START + from, until: START + from + lasts, answer });
    return new Line(this, GATEWAYS[name], model, latency);
  }

  #hearOfSecondPayments(happening: Happening): void {
    const wasMisled = this.#lied || this.#restored || this.#slip > 0;
    if (this.#secondPayments.hear(happening, { wasMisled, oldIds: this.oldIds, payments: this.model.payments.values() }))
      add(this.tally.faults, "gateway: a second payment, for its replay had ended");
  }

  #placeOld(): ReadonlySet<string> {
    const { old, terms } = this.scenario;
    if (old === null) return new Set();
    const charge = terms[old.terms] ?? terms[0];
    const create = {
      ...charge,
      order_id: old.generation === 1 ? ORDER_ID : `${ORDER_ID}--${old.generation}`,
      from: { type: "recurrent", recurrent: { profile_id: charge?.profile_id } },
      device: { user_ip: "192.0.2.1" },
    };
    return new Set([placePayment(this.lines.first.model, create, START - old.age, old.plan)]);
  }

  #react(status: string): void {
    // A shopper who sees `failed` clicks once; a merchant who sees money does all that it has in mind.
    const to = this.#reactions.filter((reaction) => reaction.to === status);
    for (const reaction of status === "succeeded" || status === "authorized" ? to : to.slice(0, 1)) {
      this.#reactions.splice(this.#reactions.indexOf(reaction), 1);
      this.schedule.after(reaction.after, () => this.#do(reaction.deed));
    }
  }

  #do(deed: Deed): void {
    this.emit({ what: "deed", deed });
    const { object, scenario } = this;
    switch (deed.does) {
      case "click":
      case "server_pays": {
        const charge = scenario.terms[deed.terms];
        if (charge === undefined) return;
        if (deed.does === "server_pays") object.pay("merchant", deed.key, charge, null);
        else object.pay("shopper", deed.key, charge, START / SECOND + deed.issuedAt);
        return;
      }
      case "get":
        object.get();
        return;
      case "calls_back": {
        const ticket = deed.attempt === null ? "forged" : this.#tickets[deed.attempt - 1];
        if (ticket !== undefined) add(this.tally.faults, `a callback that nobody planned: ${object.callback("result", ticket, null)}`);
        return;
      }
      case "operate":
        object.operate(deed.kind, deed.key, deed.asked);
        return;
      case "close":
        object.close(deed.key);
        return;
      case "resolve":
        object.resolve(deed.key, this.#operatorFinds(deed.says));
        return;
      case "cabinet": {
        for (const line of Object.values(this.lines)) line.progress();
        const payment = [...this.model.payments.values()].findLast(({ id }) => !this.oldIds.has(id));
        if (payment !== undefined) editInCabinet(this.model, { paymentId: payment.id }, deed.kind, this.schedule.now, deed.minor);
        return;
      }
      case "evict":
        object.evict(deed.keeps, "it was idle for too long");
        return;
      case "deploy":
        this.#deploy(deed);
        return;
      case "restore":
        this.#restored = true;
        this.disturb(MINUTE);
        object.restore(deed.to);
        return;
      case "clock":
        // Set back, it makes all that is due by it due that much later.
        this.#disturbed = Math.max(this.#disturbed, this.schedule.now) + Math.max(0, this.#ahead - deed.ahead);
        this.#slip = Math.max(this.#slip, Math.abs(deed.ahead));
        this.#ahead = deed.ahead;
        object.clockChanged();
        return;
      case "refuse_storage":
        this.#refuseStorage(deed.how, deed.lasts ?? Number.POSITIVE_INFINITY);
        return;
      case "gateway_keys":
        this.#gatewayKeys = deed.accepts;
        this.disturb();
        return;
    }
  }

  #deploy({ keys, settings = {} }: Extract<Deed, { readonly does: "deploy" }>): void {
    const wasAway = this.isAway();
    this.#edgeKeys = keys ?? this.#edgeKeys;
    this.#gateway = settings.gateway ?? this.#gateway;
    this.#retentionDays = settings.retentionDays ?? this.#retentionDays;
    this.#rules = settings.rules ?? this.#rules;
    this.#formerRules.add(this.#rules);
    this.object.evict(true, "a new deployment");
    // An order that comes home goes on when it next compares the settings: hourly, by its clock.
    if (wasAway && !this.isAway()) this.disturb(HOUR + MINUTE + 2 * this.#slip);
  }

  #refuseStorage(how: "commit" | "flush", lasts: number): void {
    if (how === "commit") this.#refusesUntil = this.schedule.now + lasts;
    else this.#losesUntil = this.schedule.now + lasts;
    this.disturb(lasts + MINUTE);
  }

  /** The payment id that an operator names; null: nothing was taken. */
  #operatorFinds(says: "truth" | "nothing_taken" | "another_payment"): string | null {
    if (says === "nothing_taken") return null;
    if (says === "another_payment") return [...this.oldIds][0] ?? "404";
    const current = this.edge.view.currentAttempt(this.object.record);
    return this.model.orders.get(current?.gatewayOrderId ?? "")?.paymentId ?? null;
  }
}

/** How many attempts ended in a bare refusal. */
function refusals(record: ChargeRecord): number {
  return record.attempts.filter(({ failure }) => failure?.by === "refusal").length;
}

/** How long after this time of a history it is judged again, where nothing happens. */
function judgedAfter(at: number): number {
  if (at < 30 * MINUTE) return MINUTE;
  return at < 8 * DAY ? 30 * MINUTE : 6 * HOUR;
}

/** Lives a scenario through to its end, or to the first violation. The same scenario always gives the same life. */
export async function live(scenario: Scenario, edge: Edge, options: LifeOptions = {}): Promise<Life> {
  return new World(scenario, await deploymentsOf(scenario, edge), options.tells === true).live();
}
