/** What the machine wants from the gateway, by whichever API. Types only. */
import type { CreatedPayment, EditedPayment } from "../../src/payment.ts";
import type { GatewayCall, ReadPayment } from "./gateway-call.ts";
import type { PageRequest } from "./page-record.ts";
import type { Attempt, OperationKind } from "./record.ts";

/** The input of a create. */
export type NewCreate = Pick<Attempt, "terms" | "description" | "gatewayOrderId" | "userIp" | "urls">;

/** The input of a page. */
export interface NewPage extends NewCreate {
  readonly page: PageRequest;
}

/** The input of an edit. The amount is in minor units; a reverse does not use it. */
export interface NewEdit {
  readonly kind: OperationKind;
  readonly paymentId: string;
  readonly amount: number;
}

/** An edit whose bytes are stored. */
export interface StoredEdit {
  readonly kind: OperationKind;
  readonly paymentId: string;
  readonly requestId: string;
  readonly body: string;
}

/** What a read of a payment asks about: the payment, or if its id is not known its gateway order_id. */
export interface PaymentName {
  readonly paymentId: string | null;
  readonly orderId: string;
}

/** The calls of one API. */
export interface ApiCalls {
  /** The exact text of a create. It is stored before it is sent. */
  createBody(create: NewCreate, requestId: string): string;
  create(requestId: string, body: string): GatewayCall<CreatedPayment>;
  /** @param autoClearing of the attempt: it counts where the gateway does not say whether a payment is captured */
  payment(name: PaymentName, autoClearing: boolean, requestId: string): GatewayCall<ReadPayment>;
  /** The exact text of an edit. It is stored before it is sent. */
  editBody(edit: NewEdit, requestId: string): string;
  edit(edit: StoredEdit): GatewayCall<EditedPayment>;
}
