/** The books of a gateway as one of its merchants: those of both APIs. Neither API knows the order_ids of the other (P3). */
import type { ModelOptions, ModelState, Payment, SimulatedPage, TruePayment } from "../../src/simulator/index.ts";
import { createModel, payments } from "../../src/simulator/index.ts";
import type { Api } from "../../edge/machine/record.ts";
import type { Scenario } from "./scenario.ts";
import { START } from "./scenario.ts";

/** Between the payment ids of the two APIs, so that an id names one payment. */
const APART = 500_000_000;

/** The books of both APIs. */
export class Books {
  readonly models: Readonly<Record<Api, ModelState>>;

  /** @param firstId the first payment id of v5 */
  constructor({ remembersRequestsFor, replaysOrdersFor, settlesAfter, outages }: Scenario, firstId: number) {
    const options: ModelOptions = { remembersRequestsFor, replaysOrdersFor, settlesAfter };
    this.models = { async: createModel({ ...options, firstId }), merchant: createModel({ ...options, firstId: firstId + APART }) };
    for (const { from, lasts, answer } of outages)
      for (const model of this.all()) model.outages.push({ from: START + from, until: START + from + lasts, answer });
  }

  all(): readonly ModelState[] {
    return [this.models.async, this.models.merchant];
  }

  /** The payment with this id, if there is one. */
  payment(id: string | null): Payment | undefined {
    return this.models.async.payments.get(id ?? "") ?? this.models.merchant.payments.get(id ?? "");
  }

  /** Every payment, the newest last. */
  payments(): readonly Payment[] {
    const { async: v5, merchant } = this.models;
    const all = [...v5.payments.values(), ...merchant.payments.values()];
    return merchant.payments.size === 0 ? all : all.sort((one, other) => one.createdAt - other.createdAt);
  }

  /** Every payment as it truly is at an instant. */
  truth(now: number): readonly TruePayment[] {
    return this.all().flatMap((model) => (model.payments.size === 0 ? [] : payments(model, now)));
  }

  /** Whether a payment was made on a payment page. */
  isOnPage({ id, orderId }: Pick<Payment, "id" | "orderId">): boolean {
    return this.models.merchant.payments.has(id) && this.pageOf(orderId) !== undefined;
  }

  /** The payment page under an order_id. */
  pageOf(orderId: string): SimulatedPage | undefined {
    return [...this.models.merchant.pages.values()].find(({ parsed }) => parsed.create.orderId === orderId);
  }

  /** Whether a payment was made under the order_id of an attempt, by the API of that attempt. */
  isUnder({ id, orderId }: Pick<Payment, "id" | "orderId">, attempt: { readonly api: Api; readonly gatewayOrderId: string }): boolean {
    return orderId === attempt.gatewayOrderId && this.models[attempt.api].payments.has(id);
  }
}
