/** Runs one scenario: the shop, the edge and the gateway in virtual time, checked after every step. */
import type { PlannedCallback, SimulatedPage } from "../../src/simulator/index.ts";
import { editInCabinet, placePayment } from "../../src/simulator/index.ts";
import type { Home } from "../../edge/machine/record.ts";
import { Books } from "./books.ts";
import { apiOf } from "./call-facts.ts";
import { receivedNotification } from "./page-notification.ts";
import { PagePayments } from "./page-payments.ts";
import { counted } from "./pending-work.ts";
import { Prng, hashOf } from "./prng.ts";
import type { DayEntry } from "../../edge/rpc.ts";
import { DailyIndexes } from "./daily-indexes.ts";
import type { Deployments } from "./deployments.ts";
import { deployed, deploymentsOf } from "./deployments.ts";
import type { Edge } from "./edge.ts";
import type { Modules } from "./edge-modules.ts";
import type { CallbackAnswer, SimulationEvent } from "./simulation-event.ts";
import { GatewayConnection } from "./gateway-connection.ts";
import { SimulatedObject } from "./object.ts";
import { Moves } from "./moves.ts";
import { Oracle } from "./oracle.ts";
import type { RuleNumbers, RulesName } from "./deployment-rules.ts";
import { RULES } from "./deployment-rules.ts";
import type { Action, GatewayName, Reaction, Scenario } from "./scenario.ts";
import { DAY, GATEWAYS, HOUR, MINUTE, ORDER_ID, SECOND, START } from "./scenario.ts";
import { Schedule, settle } from "./schedule.ts";
import { SecondPayments } from "./second-payments.ts";
import type { RunOptions, RunResult } from "./run-result.ts";
import type { Stats } from "./stats.ts";
import { add, count, newStats } from "./stats.ts";
import { headerLines, historyLine, timeText } from "./history-text.ts";

/** A history with more steps is a violation. */
const MAX_STEPS = 60_000;

/** The delay of an unusable read. */
const UNUSABLE_READ_COSTS = 20 * SECOND;

const isSameHome = (one: Home, other: Home): boolean => one.host === other.host && one.merchantId === other.merchantId;

class World {
  readonly schedule = new Schedule(START);
  readonly scenario: Scenario;
  /** The connections to all gateways that the settings may name, and their books. */
  readonly connections: Readonly<Record<GatewayName, GatewayConnection>>;
  readonly object: SimulatedObject;
  readonly oldIds: ReadonlySet<string>;
  readonly stats: Stats = newStats();
  readonly history: string[] = [];
  readonly shownAt = new Map<string, number>();
  readonly #recordsHistory: boolean;
  readonly #oracle: Oracle;
  readonly #reactions: Reaction[];
  readonly #deployments: Deployments;
  #gateway: GatewayName = "first";
  #retentionDays: number;
  #rules: RulesName = "usual";
  readonly #deployedRules = new Set<RulesName>(["usual"]);
  readonly #secondPayments = new SecondPayments();
  readonly #pagePayments = new PagePayments();
  readonly #indexes = new DailyIndexes({
    schedule: this.schedule,
    retentionDays: () => this.#retentionDays,
    // An index calls the shard of the home that the settings name.
    check: () => {
      if (!this.isAway()) this.object.check();
    },
  });
  /** The tickets of all attempts, also after the order was redacted. */
  readonly #tickets: string[] = [];
  #clockOffset = 0;
  #clockSkew = 0;
  #edgeKeys: readonly string[];
  #gatewayKeys: readonly string[];
  #lastDisturbance = START;
  #refusesCommitsUntil = 0;
  #failsFlushesUntil = 0;
  #restored = false;
  readonly #moves = new Moves();
  #emptyRead = false;
  #wrongAmount = false;
  #fingerprint = 0;
  #notifications = 0;
  /** The ids of pages whose address was given away. */
  readonly #visited = new Set<string>();
  #finalReadsAt = Number.POSITIVE_INFINITY;

  constructor(scenario: Scenario, deployments: Deployments, recordsHistory: boolean) {
    this.scenario = scenario;
    this.#deployments = deployments;
    this.#retentionDays = scenario.retentionDays;
    this.#recordsHistory = recordsHistory;
    this.#edgeKeys = scenario.edgeKeys;
    this.#gatewayKeys = scenario.gatewayKeys;
    this.#reactions = [...scenario.reactions];
    const prng = new Prng(scenario.seed).fork("life");
    this.connections = {
      first: this.#connectTo("first", prng.fork("latency"), 1_000_000_001),
      "other gateway": this.#connectTo("other gateway", prng.fork("latency of the other gateway"), 2_000_000_001),
      "other merchant": this.#connectTo("other merchant", prng.fork("latency of the other merchant"), 3_000_000_001),
    };
    this.oldIds = this.#placeOldPayment();
    this.object = new SimulatedObject(this, prng.fork("object"));
    this.#oracle = new Oracle(this);
  }

  // What the connection, the object and the oracle read of the world.
  acceptedKeys = (): readonly string[] => this.#gatewayKeys;
  keys = (): readonly string[] => this.#edgeKeys;
  home = (): Home => GATEWAYS[this.#gateway];
  retentionDays = (): number => this.#retentionDays;
  ruleNumbers = (): RuleNumbers => RULES[this.#rules].numbers;
  rulesChanged = (): boolean => this.#deployedRules.size > 1;
  secondPayments = (): ReadonlySet<string> => this.#secondPayments.ids;
  unstoppable = (paid: readonly string[]): ReadonlySet<string> => this.#pagePayments.unstoppable(paid, this.books, this.#clockSkew);
  isKnowable = (paymentId: string): boolean => this.#pagePayments.isKnowable(paymentId, this.books);
  clockOffset = (): number => this.#clockOffset;
  clockSkew = (): number => this.#clockSkew;
  finalReadsAt = (): number => this.#finalReadsAt;
  wasRestored = (): boolean => this.#restored;
  lostMove = (): boolean => this.#moves.areLost;
  hadEmptyRead = (): boolean => this.#emptyRead;
  hadWrongAmount = (): boolean => this.#wrongAmount;
  lastDisturbance = (): number => {
    const isDisturbed = this.isAway() || this.object.isUnreadable || this.object.alarm.isDelaying;
    return isDisturbed ? Math.max(this.#lastDisturbance, this.schedule.now) : this.#lastDisturbance;
  };
  noteDisturbance = (milliseconds = 0): void => {
    this.#lastDisturbance = Math.max(this.#lastDisturbance, this.schedule.now + milliseconds);
  };
  refusesCommit = (): boolean => this.schedule.now < this.#refusesCommitsUntil;
  failsFlush = (): boolean => this.schedule.now < this.#failsFlushesUntil;
  putIntoIndex = (entry: DayEntry): void => this.#indexes.put(entry);

  /** The edge as it is deployed now. */
  get edge(): Modules {
    return deployed(this.#deployments, this.#rules);
  }

  /** The connection to the gateway that the settings name. */
  get connection(): GatewayConnection {
    return this.connections[this.#gateway];
  }

  /** The books of the gateway and merchant that the order belongs to, or of those in the settings while it is not stored. */
  get books(): Books {
    const home = this.orderHome() ?? this.home();
    return Object.values(this.connections).find(({ to }) => isSameHome(to, home))?.books ?? this.connection.books;
  }

  /** The gateway and merchant that the order belongs to: those of its shard. Null while nothing is stored. */
  orderHome(): Home | null {
    return this.object.rows.home;
  }

  /** Whether the settings name another gateway or merchant than the order's own. */
  isAway(): boolean {
    const home = this.orderHome();
    return home !== null && !isSameHome(home, this.home());
  }

  deliver({ kind, url, facts }: PlannedCallback, signedWith: string | null): CallbackAnswer {
    const isVerified = signedWith !== null && this.#edgeKeys.includes(signedWith);
    return this.object.callback(kind, ticketOf(url), facts, isVerified);
  }

  /** Delivers a notification about a page; one that somebody else has seen is also sent to another attempt's address. */
  async notify(callback: PlannedCallback, signedWith: string | null): Promise<CallbackAnswer> {
    const ticket = ticketOf(callback.url);
    this.#notifications += 1;
    const sent = { key: signedWith ?? "not a key", salt: `salt${this.#notifications}` };
    const received = await counted(receivedNotification(this.edge, callback, sent, this.#edgeKeys));
    const answer = this.object.notified(callback.kind, ticket, received);
    const other = callback.replayed === true ? this.#tickets.findLast((one) => one !== undefined && one !== ticket) : undefined;
    if (other !== undefined) {
      const url = callback.url.replace(ticket, other);
      const replayed = await counted(receivedNotification(this.edge, callback, { ...sent, url }, this.#edgeKeys));
      add(this.stats.faults, "notification: replayed to another attempt");
      void this.object.notified(callback.kind, other, replayed);
    }
    return answer;
  }

  /** A browser comes back from a page, by one of the addresses that the gateway was given. */
  returned({ parsed }: SimulatedPage, by: "paid" | "failed"): void {
    const address = (by === "paid" ? parsed.success : parsed.failure)?.url.split("/").at(-2);
    if (address !== undefined) this.object.returned(address, by);
  }

  /** The address of a page was given away: shoppers come to it, once for each page. */
  #visitPage(url: string): void {
    const found = Object.values(this.connections).find(({ shoppers }) => shoppers.pageAt(url) !== undefined);
    const page = found?.shoppers.pageAt(url);
    if (found === undefined || page === undefined || this.#visited.has(page.id)) return;
    const visits = this.scenario.visits[this.#visited.size] ?? [];
    this.#visited.add(page.id);
    found.shoppers.visit(page, visits);
  }

  emit(event: SimulationEvent): void {
    const { now } = this.schedule;
    if (event.type === "page_shown") this.#visitPage(event.url);
    count(this.stats, this.edge, event);
    this.#noteSecondPayments(event);
    this.#pagePayments.onEvent(event, now, this.#edgeKeys);
    if (event.type === "call_received") {
      this.#emptyRead ||= event.inFlight.callFault?.name === "{}" && apiOf(event.inFlight.call) === "async";
      this.#wrongAmount ||= event.inFlight.callFault?.name === "amount wrong";
    }
    // A read with too many rows is not applied.
    if (event.type === "odd_rows" && event.how === "too many") this.noteDisturbance(UNUSABLE_READ_COSTS);
    this.#oracle.onEvent(event);
    const connection = this.#recordsHistory ? historyLine(this.edge, event) : null;
    if (connection !== null) this.history.push(`${timeText(now)} ${connection}`);
    if (event.type !== "applied") return;
    for (const { number, ticket } of event.after.attempts) if (ticket !== "") this.#tickets[number - 1] = ticket;
    this.#moves.note(event.after, this.#restored);
    this.#fingerprint = hashOf(`${this.#fingerprint} ${now} ${JSON.stringify(event.after)}`);
    const status = this.edge.view.statusOf(event.after);
    if (!this.shownAt.has(status)) this.shownAt.set(status, now);
    if (status !== this.edge.view.statusOf(event.before)) this.#react(status);
  }

  async run(): Promise<RunResult> {
    const { schedule, scenario } = this;
    for (const action of scenario.actions) schedule.at(START + action.at, () => this.#do(action));
    for (const { from, lasts } of scenario.outages) schedule.at(START + from + lasts, () => this.noteDisturbance());
    // Steps without an event, so that a missing event is noticed too.
    for (let at = MINUTE; at < scenario.endsAt; at += checkIntervalAt(at)) schedule.at(START + at, () => undefined);
    const evictions = new Set(scenario.evictBeforeStep);
    const end = START + scenario.endsAt;
    while (await this.#step(end)) {
      if (evictions.has(schedule.steps + 1)) this.object.evict(schedule.steps % 2 === 0, "between two steps");
    }
    await this.#conclude(end);
    const { violation } = this.#oracle;
    if (this.#recordsHistory && violation !== null)
      this.history.push(`${timeText(violation.at)} ${violation.invariant} BROKEN: ${violation.text}`);
    return {
      violation,
      steps: schedule.steps,
      stats: this.stats,
      fingerprint: this.#fingerprint,
      history: this.#recordsHistory ? [...headerLines(scenario), ...this.history] : [],
      shownAt: this.shownAt,
    };
  }

  async #step(until: number): Promise<boolean> {
    if (this.#oracle.violation !== null || !this.schedule.step(until)) return false;
    await settle();
    this.#oracle.afterStep();
    if (this.schedule.steps <= MAX_STEPS) return true;
    this.#oracle.violation = { invariant: "I9", text: `the history does not end within ${MAX_STEPS} steps`, at: this.schedule.now };
    return false;
  }

  /** Reads every attempt once more without faults, then compares the books. */
  async #conclude(end: number): Promise<void> {
    if (this.#oracle.violation !== null) return;
    const { schedule, object } = this;
    this.#reactions.length = 0;
    schedule.at(end, () => {
      for (const connection of Object.values(this.connections)) connection.stopFaults();
      this.#refusesCommitsUntil = 0;
      this.#failsFlushesUntil = 0;
      this.#gatewayKeys = [...this.#gatewayKeys, ...this.#edgeKeys];
      object.rollForward();
      object.fill(false);
      if (object.alarm.isLost) {
        object.evict(true, "it was idle for too long");
        object.check();
      }
      this.noteDisturbance();
    });
    // A poll in flight, or lost with its object, ends within 45 s. Hints cause one poll in 5 s.
    this.#finalReadsAt = end + 50 * SECOND;
    let repeats = 0;
    schedule.at(this.#finalReadsAt, () => {
      // The tickets at that time, because a click may come in the last moment.
      const tickets = object.record.attempts.filter(({ sends }) => sends.length > 0).map(({ ticket }) => ticket);
      for (const ticket of [...tickets, ...tickets]) {
        schedule.after(repeats * 6 * SECOND, () => void object.callback("result", ticket, null));
        repeats += 1;
      }
    });
    while (await this.#step(end + 2 * MINUTE + repeats * 6 * SECOND)) {
      // The loop only runs the remaining steps.
    }
    if (this.#oracle.violation === null) this.#oracle.checkAtEnd();
  }

  #connectTo(name: GatewayName, latency: Prng, firstId: number): GatewayConnection {
    return new GatewayConnection(this, GATEWAYS[name], new Books(this.scenario, firstId), latency);
  }

  #noteSecondPayments(event: SimulationEvent): void {
    const edgeWasMisled = this.#emptyRead || this.#restored || this.#clockSkew > 0;
    if (this.#secondPayments.onEvent(event, { edgeWasMisled, oldIds: this.oldIds, payments: this.books.models.async.payments.values() }))
      add(this.stats.faults, "gateway: a second payment after its replay expired");
  }

  #placeOldPayment(): ReadonlySet<string> {
    const { oldPayment: old, terms } = this.scenario;
    if (old === null) return new Set();
    const charge = terms[old.terms] ?? terms[0];
    const create = {
      ...charge,
      order_id: old.generation === 1 ? ORDER_ID : `${ORDER_ID}--${old.generation}`,
      from: { type: "recurrent", recurrent: { profile_id: charge?.profile_id } },
      device: { user_ip: "192.0.2.1" },
    };
    return new Set([placePayment(this.connections.first.books.models.async, create, START - old.age, old.plan)]);
  }

  #react(status: string): void {
    // A shopper who sees `failed` clicks once. A merchant who sees money does everything planned for that status.
    const to = this.#reactions.filter((reaction) => reaction.status === status);
    for (const reaction of status === "succeeded" || status === "authorized" ? to : to.slice(0, 1)) {
      this.#reactions.splice(this.#reactions.indexOf(reaction), 1);
      this.schedule.after(reaction.after, () => this.#do(reaction.action));
    }
  }

  #do(action: Action): void {
    this.emit({ type: "action", action });
    const { object, scenario } = this;
    switch (action.type) {
      case "click":
      case "merchant_pay": {
        const charge = scenario.terms[action.terms];
        if (charge === undefined) return;
        if (action.type === "merchant_pay") object.pay("merchant", action.key, charge, null);
        else object.pay("shopper", action.key, charge, START / SECOND + action.issuedAt);
        return;
      }
      case "get":
        object.get();
        return;
      case "callback": {
        const ticket = action.attempt === null ? "forged" : this.#tickets[action.attempt - 1];
        if (ticket !== undefined) add(this.stats.faults, `unplanned callback: ${object.callback("result", ticket, null)}`);
        return;
      }
      case "operate":
        object.operate(action.kind, action.key, action.requestedAmount);
        return;
      case "close":
        object.close(action.key);
        return;
      case "resolve":
        object.resolve(action.key, this.#paymentIdFor(action.finding));
        return;
      case "cabinet_edit": {
        for (const connection of Object.values(this.connections)) connection.progress();
        const paymentId = this.books.payments().findLast(({ id }) => !this.oldIds.has(id))?.id ?? "";
        const model = this.books.all().find(({ payments }) => payments.has(paymentId));
        if (model !== undefined) editInCabinet(model, { paymentId }, action.kind, this.schedule.now, action.minor);
        return;
      }
      case "evict":
        object.evict(action.keepsUnflushed, "it was idle for too long");
        return;
      case "deploy":
        this.#deploy(action);
        return;
      case "restore":
        this.#restored = true;
        this.noteDisturbance(MINUTE);
        this.#pagePayments.forget();
        object.restore(action.index);
        return;
      case "lose_alarm":
        object.alarm.lose();
        return;
      case "roll_back":
        object.rollBack();
        this.schedule.after(action.lasts, () => object.rollForward());
        return;
      case "fill_storage":
        object.fill(true);
        this.schedule.after(action.lasts, () => object.fill(false));
        return;
      case "clock":
        // A clock that is set back delays every deadline by as much.
        this.#lastDisturbance = Math.max(this.#lastDisturbance, this.schedule.now) + Math.max(0, this.#clockOffset - action.offset);
        this.#clockSkew = Math.max(this.#clockSkew, Math.abs(action.offset));
        this.#clockOffset = action.offset;
        object.alarm.clockChanged();
        return;
      case "refuse_storage":
        this.#refuseStorage(action.how, action.lasts ?? Number.POSITIVE_INFINITY);
        return;
      case "gateway_keys":
        this.#gatewayKeys = action.accepts;
        this.noteDisturbance();
        return;
    }
  }

  #deploy({ keys, settings = {} }: Extract<Action, { readonly type: "deploy" }>): void {
    const wasAway = this.isAway();
    this.#edgeKeys = keys ?? this.#edgeKeys;
    this.#gateway = settings.gateway ?? this.#gateway;
    this.#retentionDays = settings.retentionDays ?? this.#retentionDays;
    this.#rules = settings.rules ?? this.#rules;
    this.#deployedRules.add(this.#rules);
    this.object.evict(true, "a new deployment");
    // A returned order continues when it next compares the settings: once an hour, by its clock.
    if (wasAway && !this.isAway()) this.noteDisturbance(HOUR + MINUTE + 2 * this.#clockSkew);
  }

  #refuseStorage(how: "commit" | "flush", lasts: number): void {
    if (how === "commit") this.#refusesCommitsUntil = this.schedule.now + lasts;
    else this.#failsFlushesUntil = this.schedule.now + lasts;
    this.noteDisturbance(lasts + MINUTE);
  }

  /** The payment id that an operator names. Null: nothing was taken. */
  #paymentIdFor(finding: "truth" | "nothing_taken" | "another_payment"): string | null {
    if (finding === "nothing_taken") return null;
    if (finding === "another_payment") return [...this.oldIds][0] ?? "404";
    const current = this.edge.view.currentAttempt(this.object.record);
    return this.books.models[current?.api ?? "async"].orders.get(current?.gatewayOrderId ?? "")?.paymentId ?? null;
  }
}

/** The ticket in the address of a callback. */
function ticketOf(url: string): string {
  return decodeURIComponent(url.split("/").at(-1) ?? "");
}

/** The time until the next check if no event occurs. */
function checkIntervalAt(at: number): number {
  if (at < 30 * MINUTE) return MINUTE;
  return at < 8 * DAY ? 30 * MINUTE : 6 * HOUR;
}

/** Runs a scenario to its end, or to the first violation. The same scenario always gives the same result. */
export async function runScenario(scenario: Scenario, edge: Edge, options: RunOptions = {}): Promise<RunResult> {
  return new World(scenario, await deploymentsOf(scenario, edge), options.recordsHistory === true).run();
}
