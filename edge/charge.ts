/** The Durable Object of one shard: it gives the shard its platform. */
import { DurableObject } from "cloudflare:workers";
import { MINUTE } from "../src/lib/time.ts";
import { requestId } from "../src/request-id.ts";
import type { DailyIndex } from "./daily-index.ts";
import { deliver } from "./delivery/notify.ts";
import { gatewayPort } from "./gateways/gateway-port.ts";
import { dayName, homeOf } from "./home.ts";
import { log } from "./log.ts";
import type {
  CallbackRequest,
  CallbackResponse,
  CloseRequest,
  NotifyRequest,
  OperateRequest,
  OperationResponse,
  PayRequest,
  PayResponse,
  ReadRequest,
  ReadResponse,
  Refusal,
  ResolveRequest,
  ReturnRequest,
  ReturnResponse,
  ShardState,
} from "./rpc.ts";
import type { Settings } from "./settings.ts";
import { readSettings } from "./settings.ts";
import { OpenPayments } from "./shard/open-payments.ts";
import { Shard } from "./shard/shard.ts";
import { MAX_BYTES } from "./storage/shard-store.ts";

/** The payments of all shards in this process. The Worker of the process reads it before it takes another. */
export const OPEN_PAYMENTS: OpenPayments = new OpenPayments();

const NOT_CONFIGURED: Refusal = { ok: false, code: "not_configured" };

/** Many orders: a shard. Called by the Worker and by daily indexes. */
export class Charge extends DurableObject<Readonly<Record<string, unknown>>> {
  /** Null while the settings are not complete. */
  readonly #shard: Shard | null;

  constructor(state: DurableObjectState, env: Readonly<Record<string, unknown>>) {
    super(state, env);
    const reading = readSettings(env);
    const days = (env["DAYS"] as DurableObjectNamespace<DailyIndex> | undefined) ?? null;
    this.#shard = reading.ok ? shardOn(state, reading.settings, days) : null;
  }

  async pay(request: PayRequest): Promise<PayResponse> {
    return this.#shard?.pay(request) ?? NOT_CONFIGURED;
  }

  async operate(request: OperateRequest): Promise<OperationResponse> {
    return this.#shard?.operate(request) ?? NOT_CONFIGURED;
  }

  async close(request: CloseRequest): Promise<OperationResponse> {
    return this.#shard?.close(request) ?? NOT_CONFIGURED;
  }

  async resolve(request: ResolveRequest): Promise<OperationResponse> {
    return this.#shard?.resolve(request) ?? NOT_CONFIGURED;
  }

  async notify(request: NotifyRequest): Promise<OperationResponse> {
    return this.#shard?.notify(request) ?? NOT_CONFIGURED;
  }

  async read(request: ReadRequest): Promise<ReadResponse> {
    return this.#shard?.read(request) ?? NOT_CONFIGURED;
  }

  async returned(request: ReturnRequest): Promise<ReturnResponse> {
    return this.#shard?.returned(request) ?? NOT_CONFIGURED;
  }

  async callback(request: CallbackRequest): Promise<CallbackResponse> {
    return this.#shard?.callback(request) ?? NOT_CONFIGURED;
  }

  /** Compares the alarm with the rows. Returns how much the shard stores. */
  check(): ShardState {
    this.#shard?.check();
    return { usedBytes: this.#shard?.usedBytes() ?? 0, maxBytes: MAX_BYTES };
  }

  override alarm(): void {
    if (this.#shard !== null) this.#shard.alarm();
    // The platform deletes an alarm that has fired, and nothing else would open this shard when the settings are complete again (M9.7).
    else void this.ctx.storage.setAlarm(Date.now() + MINUTE);
  }
}

function shardOn(state: DurableObjectState, settings: Settings, days: DurableObjectNamespace<DailyIndex> | null): Shard {
  const { storage } = state;
  const { notifyUrl, notifySecrets } = settings;
  const random = { requestId: () => requestId(), fraction: () => Math.random() };
  const gateway = gatewayPort(settings);
  return new Shard({
    storage,
    alarm: { get: () => storage.getAlarm(), set: (at) => void storage.setAlarm(at) },
    random: () => random,
    gateway: () => gateway,
    timer: (milliseconds, act) => {
      const timer = setTimeout(act, milliseconds);
      return () => clearTimeout(timer);
    },
    deliver: notifyUrl === null ? null : (message) => deliver(message, { url: notifyUrl, secrets: notifySecrets }, Date.now()),
    updateIndex: days === null ? null : (entry) => days.getByName(dayName(settings, entry.day)).put(entry),
    settings: {
      home: homeOf(settings),
      gatewayUrl: settings.gatewayUrl,
      callbackKeys: settings.callbackKeys,
      gatewayKeyCount: settings.gatewayKeys.length,
      retentionDays: settings.retentionDays,
    },
    openPayments: OPEN_PAYMENTS,
    now: () => Date.now(),
    log,
    waitUntil: (pending) => state.waitUntil(pending),
  });
}
