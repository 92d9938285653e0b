/** The state of the model: plain data that the caller keeps. `structuredClone(state)` is a snapshot. */

import type { ParsedCreate } from "./parsed-create.ts";
import type { SimulatedPage } from "./page.ts";
import type { ParsedPage } from "./parsed-page.ts";
import type { Plan } from "./plan.ts";
import type { Edit, EditKind, Payment } from "./timeline.ts";

/** A day in milliseconds. Not that of src/lib/time.ts, because the simulator imports only types of the core. */
export const DAY: number = 86_400_000;

/** A call to the gateway, after its signature was checked. */
export interface Call {
  /** X-Action, such as `gateway.payment.create`. */
  readonly action: string;
  /** X-Request-Id. */
  readonly requestId: string;
  /** The body, as JSON text or already parsed. */
  readonly body: string | Readonly<Record<string, unknown>>;
}

/** An answer of the gateway. */
export interface Reply {
  readonly httpStatus: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** True when the connection breaks after `body`, which is then only the start of the answer. */
  readonly cut: boolean;
}

/** A period in which the gateway does not act. */
export interface Outage {
  /** Epoch ms, inclusive. */
  readonly from: number;
  /** Epoch ms, exclusive. */
  readonly until: number;
  /** `none`: no answer. A number: this HTTP status with an HTML page. */
  readonly answer: "none" | 502 | 503 | 504;
}

/** What the model does later: a call that is accepted late, or an edit that no call requests. */
export type Queued =
  | { readonly at: number; readonly kind: "call"; readonly call: Call; readonly plan: Plan }
  /** A charge of the Merchant API. */
  | { readonly at: number; readonly kind: "charge"; readonly parsed: ParsedCreate; readonly plan: Plan }
  /** A payment page of the Merchant API. */
  | { readonly at: number; readonly kind: "page"; readonly parsed: ParsedPage }
  | {
      readonly at: number;
      readonly kind: "edit";
      readonly paymentId: string;
      readonly edit: EditKind;
      readonly minor: number | "all";
      readonly by: Edit["by"];
    };

/** A request that the gateway remembers. */
export interface RememberedRequest {
  readonly at: number;
  readonly action: string;
  /** The original response: the same X-Request-Id gets it again. */
  readonly reply: Reply;
}

/** The newest create of an order_id. */
export interface RememberedOrder {
  readonly at: number;
  readonly paymentId: string;
  /** The original response: the same order_id gets it again. */
  readonly reply: Reply;
}

/** A stored card of a user, for `cardstorage/list`. */
export interface SimulatedCard {
  readonly userId: string;
  readonly token: string;
  /** Such as `4111-11XX-XXXX-1111`. */
  readonly mask: string;
  /** Digits. */
  readonly profileId: string;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** The options of a model. */
export interface ModelOptions {
  /** The first payment id, a whole number (default 1000000001). Row ids count on from it too. */
  readonly firstId?: number;
  /** How long an X-Request-Id is remembered, ms; null (default): forever, as the contract promises. */
  readonly remembersRequestsFor?: number | null;
  /**
   * For how long after its create the same order_id gets the original response, ms; null (default): forever, as the
   * contract promises. After that the same order_id makes a second payment, and the order_id names the newer one.
   */
  readonly replaysOrdersFor?: number | null;
  /** How long clearing, reverse and refund rows stay `process`, ms (default 2000). */
  readonly settlesAfter?: number;
  /** After how long the gateway clears a hold automatically, ms (default 5 days: contract, `auto_clearing`). */
  readonly holdsFor?: number;
  /** How long a second of `pg_lifetime` is, ms (default 1000). */
  readonly pageSecond?: number;
  /** The HTTP status of 9403: the contract allows both (default 422). */
  readonly badParametersStatus?: 200 | 422;
}

/** Everything that the simulated gateway knows. Only the modules of this folder change it. */
export interface ModelState {
  readonly options: Required<ModelOptions>;
  readonly payments: Map<string, Payment>;
  /** By order_id: its newest payment, and the original response of the create. */
  readonly orders: Map<string, RememberedOrder>;
  readonly requests: Map<string, RememberedRequest>;
  /** Ascending by `at`. */
  readonly queue: Queued[];
  readonly outages: Outage[];
  /** The payment pages, by the id that init_payment answered. */
  readonly pages: Map<string, SimulatedPage>;
  /** The stored cards that the Merchant API lists: those of pages, and those that a test adds. */
  readonly cards: SimulatedCard[];
  nextId: number;
}

/**
 * A gateway before its first call.
 *
 * @param options - see {@link ModelOptions}.
 *
 * @example
 * ```ts
 * import { createModel } from "freedom-pay-charge/simulator";
 *
 * const state = createModel({ settlesAfter: 0 }); // refunds are "success" at once
 * console.log(state.payments.size); // 0
 * ```
 */
export function createModel(options: ModelOptions = {}): ModelState {
  const complete: Required<ModelOptions> = {
    firstId: options.firstId ?? 1_000_000_001,
    remembersRequestsFor: options.remembersRequestsFor ?? null,
    replaysOrdersFor: options.replaysOrdersFor ?? null,
    settlesAfter: options.settlesAfter ?? 2_000,
    holdsFor: options.holdsFor ?? 5 * DAY,
    pageSecond: options.pageSecond ?? 1000,
    badParametersStatus: options.badParametersStatus ?? 422,
  };
  return {
    options: complete,
    payments: new Map(),
    orders: new Map(),
    requests: new Map(),
    queue: [],
    outages: [],
    pages: new Map(),
    cards: [],
    nextId: complete.firstId,
  };
}

/** The next id of a payment or a row: ascending digits. */
export function takeId(state: ModelState): string {
  const id = state.nextId;
  state.nextId += 1;
  return String(id);
}

/** The newest payment of an order_id, if the gateway has one. */
export function paymentOfOrder(state: ModelState, orderId: string): Payment | undefined {
  const order = state.orders.get(orderId);
  return order === undefined ? undefined : state.payments.get(order.paymentId);
}

/** Queues an item after those that are due earlier or at the same time. */
export function enqueue(state: ModelState, item: Queued): void {
  const behind = state.queue.findIndex((queued) => queued.at > item.at);
  state.queue.splice(behind === -1 ? state.queue.length : behind, 0, item);
}

/** The outage at an instant (epoch ms), if there is one. */
export function outageAt(state: ModelState, now: number): Outage | undefined {
  return state.outages.find((outage) => outage.from <= now && now < outage.until);
}

/**
 * A remembered request. Drops expired requests from the front, because they are in the order of their arrival.
 */
export function rememberedRequest(state: ModelState, requestId: string, now: number): RememberedRequest | undefined {
  const keeps = state.options.remembersRequestsFor;
  if (keeps !== null) {
    for (const [id, request] of state.requests) {
      if (request.at + keeps > now) {
        break;
      }
      state.requests.delete(id);
    }
  }
  return state.requests.get(requestId);
}

/** The create whose response the same order_id gets again now (epoch ms); undefined: a create makes a new payment. */
export function replayedOrder(state: ModelState, orderId: string, now: number): RememberedOrder | undefined {
  const { replaysOrdersFor } = state.options;
  const order = state.orders.get(orderId);
  return order === undefined || replaysOrdersFor === null || now < order.at + replaysOrdersFor ? order : undefined;
}
