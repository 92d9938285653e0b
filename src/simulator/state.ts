/** The state of the model: plain data in the caller's hands. `structuredClone(state)` is a snapshot. */

import type { Plan } from "./plan.ts";
import type { Edit, EditKind, Payment } from "./timeline.ts";

/** A day in milliseconds. Not that of src/lib/time.ts, because the simulator imports only types of the core. */
export const DAY: number = 86_400_000;

/** A call on the gateway, after its signature was checked. */
export interface Call {
  /** X-Action, such as `gateway.payment.create`. */
  readonly action: string;
  /** X-Request-Id. */
  readonly requestId: string;
  /** The body, as JSON text or already parsed. */
  readonly body: string | Readonly<Record<string, unknown>>;
}

/** What the gateway answers. */
export interface Reply {
  readonly httpStatus: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** True when the connection breaks after `body`, which is then only the beginning. */
  readonly cut: boolean;
}

/** A stretch of time in which the gateway does not act. */
export interface Outage {
  /** Epoch ms, inclusive. */
  readonly from: number;
  /** Epoch ms, exclusive. */
  readonly until: number;
  /** `none`: no answer at all. A number: that HTTP status with an HTML page. */
  readonly answer: "none" | 502 | 503 | 504;
}

/** Something the model does later: a call accepted late, or an edit that no call asks for. */
export type Queued =
  | { readonly at: number; readonly kind: "call"; readonly call: Call; readonly plan: Plan }
  | {
      readonly at: number;
      readonly kind: "edit";
      readonly paymentId: string;
      readonly edit: EditKind;
      readonly minor: number | "all";
      readonly by: Exclude<Edit["by"], "api">;
    };

/** A request the gateway remembers. */
export interface RememberedRequest {
  readonly at: number;
  readonly action: string;
  /** The original response: the same X-Request-Id gets it again. */
  readonly reply: Reply;
}

/** The create that an order_id is remembered by. */
export interface RememberedOrder {
  readonly at: number;
  readonly paymentId: string;
  /** The original response: the same order_id gets it again. */
  readonly reply: Reply;
}

/** How a model differs from the plain one. */
export interface ModelOptions {
  /** The first payment id, a whole number (default 1000000001). Row ids count on from it too. */
  readonly firstId?: number;
  /** How long an X-Request-Id is remembered, ms; null (default) is for good, as the contract promises. */
  readonly remembersRequestsFor?: number | null;
  /**
   * For how long after its create the same order_id gets the original response, ms; null (default) is for good, as the
   * contract promises. After that the same order_id makes a second payment, and the order_id names the newer one.
   */
  readonly replaysOrdersFor?: number | null;
  /** How long clearing, reverse and refund rows stay `process`, ms (default 2000). */
  readonly settlesAfter?: number;
  /** After how long an untouched hold is cleared by the gateway, ms (default 5 days: contract, `auto_clearing`). */
  readonly holdsFor?: number;
  /** The HTTP status of 9403: the contract knows both (default 422). */
  readonly badParametersStatus?: 200 | 422;
}

/** Everything the simulated gateway knows. Only this module's neighbours change it. */
export interface ModelState {
  readonly options: Required<ModelOptions>;
  readonly payments: Map<string, Payment>;
  /** By order_id: its newest payment, and the original response of the create. */
  readonly orders: Map<string, RememberedOrder>;
  readonly requests: Map<string, RememberedRequest>;
  /** Ascending by `at`. */
  readonly queue: Queued[];
  readonly outages: Outage[];
  nextId: number;
}

/**
 * A gateway that has seen nothing yet.
 *
 * @param options - see {@link ModelOptions}.
 */
export function createModel(options: ModelOptions = {}): ModelState {
  const whole: Required<ModelOptions> = {
    firstId: options.firstId ?? 1_000_000_001,
    remembersRequestsFor: options.remembersRequestsFor ?? null,
    replaysOrdersFor: options.replaysOrdersFor ?? null,
    settlesAfter: options.settlesAfter ?? 2_000,
    holdsFor: options.holdsFor ?? 5 * DAY,
    badParametersStatus: options.badParametersStatus ?? 422,
  };
  return { options: whole, payments: new Map(), orders: new Map(), requests: new Map(), queue: [], outages: [], nextId: whole.firstId };
}

/** The next id of a payment or a row: digits, growing. */
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

/** Puts something into the queue, behind everything that is due no later. */
export function enqueue(state: ModelState, item: Queued): void {
  const behind = state.queue.findIndex((queued) => queued.at > item.at);
  state.queue.splice(behind === -1 ? state.queue.length : behind, 0, item);
}

/** The outage at an instant (epoch ms), if there is one. */
export function outageAt(state: ModelState, now: number): Outage | undefined {
  return state.outages.find((outage) => outage.from <= now && now < outage.until);
}

/**
 * A remembered request, unless it is forgotten by now. Requests are kept in the order of their arrival, so the
 * forgotten ones are dropped from the front.
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

/** The create whose response the same order_id gets again at this instant (epoch ms); undefined: a create makes a new payment. */
export function replayedOrder(state: ModelState, orderId: string, now: number): RememberedOrder | undefined {
  const { replaysOrdersFor } = state.options;
  const order = state.orders.get(orderId);
  return order === undefined || replaysOrdersFor === null || now < order.at + replaysOrdersFor ? order : undefined;
}
