/** An order that is paid on a payment page, through the pure transition. */
import type { PageAddress } from "../../../src/merchant-api/page-address.ts";
import type { Decision, Effect, PollAnswer } from "../../../edge/machine/event.ts";
import type { ReceivedCallback } from "../../../edge/machine/events/callback.ts";
import { answerToCallback, noticeOf } from "../../../edge/machine/events/callback.ts";
import type { GatewayOutcome, ReadPayment, Refusal } from "../../../edge/machine/gateway-call.ts";
import type { Page, PageRequest, ProfileOffer } from "../../../edge/machine/page-record.ts";
import { chargeView } from "../../../edge/machine/view.ts";
import type { ChargeView } from "../../../src/edge-api.ts";
import type { OpenedPage } from "../../../src/merchant-api/answers.ts";
import { CHARGE, OrderHistory } from "./order-history.ts";

export const ABSENT: Refusal = {
  kind: "refused",
  httpStatus: 200,
  code: "11068",
  description: null,
  category: "not_found",
  isSigned: true,
};

export const ADDRESS: PageAddress = { url: "https://customer.freedompay.kz/pay?id=1", host: "customer.freedompay.kz", isUsualHost: true };

const URLS = { check_url: "https://edge.example/check", result_url: "https://edge.example/result" };

/** What a poll of a page sees: by the number, and of a try by its id. */
interface Seen {
  readonly byNumber: ReadPayment | GatewayOutcome<ReadPayment> | ((orderId: string) => ReadPayment | GatewayOutcome<ReadPayment>);
  readonly tries?: Readonly<Record<string, ReadPayment | GatewayOutcome<ReadPayment>>>;
}

export class PageOrder extends OrderHistory {
  override api: "async" | "merchant" = "merchant";
  /** The callbacks that the gateway is given. */
  urls: { readonly check_url?: string; readonly result_url?: string } | null = URLS;
  saveCardMonths: number | null = null;
  autoClearing = true;

  /** A press for a page. */
  press(key = "key-1", more: { readonly amount?: number; readonly issuedAt?: number; readonly askedAt?: number | null } = {}): Decision {
    const { amount = 10, issuedAt = Math.floor(this.now / 1000), askedAt = null } = more;
    const { profile_id: _, ...charge } = CHARGE;
    const saved = this.saveCardMonths === null ? {} : { save_card_months: this.saveCardMonths };
    const page: PageRequest = {
      returnUrl: "https://shop.example/orders/1234",
      language: "kk",
      returnTicket: `return-${key}`,
      returnCode: this.saveCardMonths === null ? null : `code-${key}`,
      urls: { success_url: "https://edge.example/paid", failure_url: "https://edge.example/failed" },
    };
    return this.#decided({
      type: "pay",
      key,
      bound: this.bindings.get(`shopper pay ${key}`) ?? null,
      input: {
        caller: "shopper",
        api: "merchant",
        charge: { ...charge, amount, auto_clearing: this.autoClearing, payment_page: { return_url: page.returnUrl, ...saved } },
        userIp: "192.0.2.1",
        ticket: `ticket-${key}`,
        urls: this.urls,
        page,
      },
      issuedAt,
      askedAt,
    });
  }

  #decided(event: Parameters<OrderHistory["happen"]>[0]): Decision {
    const reply = this.happen(event);
    if (reply === null) throw new Error("The press was not answered");
    return reply;
  }

  /** The answer to the call that opens a page. */
  opened(outcome: GatewayOutcome<OpenedPage> | null = null, address: PageAddress | null = ADDRESS): void {
    const effect = this.take("open_page");
    const answered = { kind: "answered", httpStatus: 200, answer: { paymentId: "501", redirectUrl: ADDRESS.url } } as const;
    const ended = outcome ?? answered;
    this.happen({
      type: "page_opened",
      attempt: effect.attempt,
      send: effect.send,
      outcome: ended,
      leftAt: this.now,
      address: ended.kind === "answered" ? address : null,
    });
  }

  /** A press, and its page is open. */
  open(key = "key-1"): void {
    this.press(key);
    this.opened();
  }

  page(attempt = 1): Page {
    const { page } = this.attempt(attempt);
    if (page === null) throw new Error("The attempt has no page");
    return page;
  }

  /** Answers the poll that is out, or the next one. */
  saw(seen: Seen["byNumber"], tries: Seen["tries"] = {}): void {
    this.untilPoll();
    this.answerPoll(this.takePoll(), { byNumber: seen, tries });
  }

  answerPoll(poll: Extract<Effect, { kind: "poll" }>, { byNumber, tries = {} }: Seen): void {
    const answers = poll.reads.map((read): PollAnswer => {
      if (read.about !== "order") throw new Error("A page is read as an order");
      const under = typeof byNumber === "function" ? byNumber(read.orderId) : byNumber;
      const said = read.tryId === undefined ? under : (tries[read.tryId] ?? ABSENT);
      const outcome: GatewayOutcome<ReadPayment> = "kind" in said ? said : { kind: "answered", httpStatus: 200, answer: said };
      return { about: "order", orderId: read.orderId, ...(read.tryId === undefined ? {} : { tryId: read.tryId }), outcome };
    });
    this.happen({ type: "polled", attempt: poll.attempt, generation: poll.generation, startedAt: poll.startedAt, answers });
  }

  /** The reads before a later attempt: a page that was not paid under its number, nothing under the next one. */
  sawUnpaidPage(number = "1234"): void {
    this.saw((orderId) => (orderId === number ? this.try("new", "501", { order_id: number }) : ABSENT));
  }

  /** A try on the page of the current number. */
  try(status: string, id = "501", more: Partial<ReadPayment> = {}): ReadPayment {
    return { id, order_id: this.record.attempts.at(-1)?.gatewayOrderId ?? "1234", status, amount: 10, currency: "KZT", ...more };
  }

  /** A verified notification, as the object handles it. */
  notified(
    kind: "check" | "result",
    content: Partial<ReceivedCallback["content"]> = {},
    {
      key = "key-1",
      offer = null,
      isByGet = false,
      isFailed = false,
      isPaid = false,
    }: { key?: string; offer?: ProfileOffer | null; isByGet?: boolean; isFailed?: boolean; isPaid?: boolean } = {},
  ): "ok" | "rejected" {
    const whole = { orderId: "1234", paymentId: "501", amount: "10", currency: "KZT", ...content };
    const ticket = `ticket-${key}`;
    const received: ReceivedCallback = { kind, ticket, content: whole, isVerified: true, isByGet, isFailed, isPaid };
    const answer = answerToCallback(this.record, received);
    const notice = noticeOf(this.record, received, { answer, offer });
    this.happen({ type: "hint", ticket, ...(notice === null ? {} : { notice }) });
    return answer;
  }

  returned(by: "paid" | "failed", key = "key-1"): void {
    this.happen({ type: "returned", ticket: `return-${key}`, by });
  }

  get view(): ChargeView {
    return chargeView(this.record, null);
  }
}
