import { describe, expectTypeOf, test } from "vitest";
import type {
  ActionSpec,
  AttemptView,
  CardHint,
  Charge,
  ChargeInput,
  ChargeStatus,
  ChargeView,
  CreatedPayment,
  Currency,
  DayList,
  DeclineCategory,
  EditedPayment,
  ErrorCode,
  FailureCategory,
  MerchantChargeAnswer,
  MerchantChargeView,
  Notification,
  NotificationBody,
  NotificationType,
  Outcome,
  PaymentState,
  Problem,
  ProblemCode,
  RequestState,
  Retry,
  SendOptions,
  UnknownReason,
  UnsignedCall,
} from "../../src/index.ts";
import type { buildRequest } from "../../src/index.ts";
import {
  ACTIONS,
  callGateway,
  clearing,
  createRecurrentPayment,
  FreedomPayError,
  issueChargeToken,
  openChargeToken,
  otherCall,
  parseCharge,
  paymentStatus,
  refund,
  requestStatus,
  retryAdvice,
  reverse,
  toMinorUnits,
} from "../../src/index.ts";

// Checked by the compiler (tsc -p test); at run time these tests pass by being loaded.

describe("The types of calls", () => {
  test("A call knows its answer, and so does its outcome", () => {
    expectTypeOf(createRecurrentPayment).returns.toEqualTypeOf<UnsignedCall<CreatedPayment>>();
    expectTypeOf(paymentStatus).returns.toEqualTypeOf<UnsignedCall<PaymentState>>();
    expectTypeOf(requestStatus).returns.toEqualTypeOf<UnsignedCall<RequestState>>();
    for (const edit of [clearing, refund]) expectTypeOf(edit).returns.toEqualTypeOf<UnsignedCall<EditedPayment>>();
    expectTypeOf(reverse).returns.toEqualTypeOf<UnsignedCall<EditedPayment>>();
    expectTypeOf(otherCall).returns.toEqualTypeOf<UnsignedCall<Record<string, unknown>>>();
    expectTypeOf(callGateway<PaymentState>).returns.resolves.toEqualTypeOf<Outcome<PaymentState>>();
    expectTypeOf(ACTIONS.create).toEqualTypeOf<ActionSpec<CreatedPayment>>();
  });

  test("Any call can be built", () => {
    expectTypeOf<UnsignedCall<CreatedPayment>>().toExtend<Parameters<typeof buildRequest>[1]>();
    expectTypeOf<UnsignedCall<PaymentState>>().not.toExtend<UnsignedCall<CreatedPayment>>();
  });

  test("A create has an id and a status, a read may lack everything", () => {
    expectTypeOf<CreatedPayment["id"]>().toEqualTypeOf<string>();
    expectTypeOf<CreatedPayment["status"]>().toEqualTypeOf<string>();
    expectTypeOf<Record<never, never>>().toExtend<PaymentState>();
    expectTypeOf<PaymentState["amount"]>().toEqualTypeOf<number | string | undefined>();
  });

  test("An amount is a number and a currency one of six", () => {
    type Input = Parameters<typeof createRecurrentPayment>[0];
    expectTypeOf<Input["amount"]>().toEqualTypeOf<number>();
    expectTypeOf<Input["currency"]>().toEqualTypeOf<"KZT" | "KGS" | "UZS" | "USD" | "RUB" | "EUR">();
    expectTypeOf<Input["auto_clearing"]>().toEqualTypeOf<boolean>();
    expectTypeOf<"GBP">().not.toExtend<Currency>();
  });

  test("The platform's own fetch can be given", () => {
    expectTypeOf<typeof fetch>().toExtend<NonNullable<SendOptions["fetch"]>>();
  });
});

describe("The types of outcomes", () => {
  test("The kind of an outcome narrows its type", () => {
    const read = (outcome: Outcome<PaymentState>): string | null | undefined => {
      if (outcome.kind === "answered") return outcome.answer.status;
      if (outcome.kind === "refused") return outcome.description;
      expectTypeOf(outcome.reason).toEqualTypeOf<UnknownReason>();
      return null;
    };
    expectTypeOf(read).parameter(0).toEqualTypeOf<Outcome<PaymentState>>();
  });

  test("Advice is for failures only", () => {
    expectTypeOf(retryAdvice).parameter(0).toEqualTypeOf<FailureCategory>();
    expectTypeOf(retryAdvice).returns.toEqualTypeOf<Retry>();
    expectTypeOf<FailureCategory>().toExtend<DeclineCategory>();
    expectTypeOf<Exclude<DeclineCategory, FailureCategory>>().toEqualTypeOf<"duplicate" | "operation_refused" | "not_found" | "other">();
  });

  test("The codes of errors are a closed union", () => {
    expectTypeOf<FreedomPayError["code"]>().toEqualTypeOf<ErrorCode>();
    expectTypeOf<string>().not.toExtend<ErrorCode>();
    expectTypeOf(FreedomPayError).toBeConstructibleWith("key_invalid", "text", { cause: 1 });
  });
});

describe("The types of the edge's answers", () => {
  test("Unknown members are null, and all are read-only", () => {
    expectTypeOf<ChargeView["amount"]>().toEqualTypeOf<number | null>();
    expectTypeOf<ChargeView["card"]>().toEqualTypeOf<CardHint | null>();
    expectTypeOf<ChargeView["status"]>().toEqualTypeOf<ChargeStatus>();
    expectTypeOf<ChargeView["failure"]>().branded.toEqualTypeOf<{
      readonly category: FailureCategory;
      readonly retry: Retry;
    } | null>();
    expectTypeOf<Pick<ChargeView, "amount">>().toEqualTypeOf<{ readonly amount: number | null }>();
    expectTypeOf<MerchantChargeView["attempts"]>().toEqualTypeOf<readonly AttemptView[]>();
  });

  test("The merchant's answer is the shopper's and more", () => {
    expectTypeOf<MerchantChargeAnswer>().toExtend<MerchantChargeView>();
    expectTypeOf<MerchantChargeView>().toExtend<ChargeView>();
    expectTypeOf<ChargeView>().not.toExtend<MerchantChargeView>();
    expectTypeOf<DayList["charges"]>().toEqualTypeOf<readonly MerchantChargeView[]>();
  });

  test("What a refusal may leave out is never undefined where it is", () => {
    expectTypeOf<Pick<Problem, "detail">>().toEqualTypeOf<{ readonly detail?: string }>();
    expectTypeOf<Problem["code"]>().toEqualTypeOf<ProblemCode>();
    expectTypeOf<string>().not.toExtend<ProblemCode>();
  });

  test("A notification may be of a type that is not known yet", () => {
    expectTypeOf<"charge.new">().toExtend<NotificationBody["type"]>();
    expectTypeOf<"charge.new">().not.toExtend<NotificationType>();
    expectTypeOf<Notification>().toExtend<NotificationBody>();
  });
});

describe("The types of charges", () => {
  test("What is read of a charge knows whether it clears", () => {
    expectTypeOf(parseCharge).returns.toEqualTypeOf<Charge>();
    expectTypeOf<Charge["auto_clearing"]>().toEqualTypeOf<boolean>();
    expectTypeOf<ChargeInput["auto_clearing"]>().toEqualTypeOf<boolean | null | undefined>();
    expectTypeOf<Charge["card"]>().toEqualTypeOf<CardHint | undefined>();
    expectTypeOf<Charge>().toExtend<ChargeInput>();
  });

  test("A token is text, and opens to a charge", () => {
    expectTypeOf(issueChargeToken).returns.resolves.toEqualTypeOf<string>();
    expectTypeOf(openChargeToken).returns.resolves.toHaveProperty("charge").toEqualTypeOf<Charge>();
    // @ts-expect-error a key has to be given
    expectTypeOf(issueChargeToken).toBeCallableWith({} as ChargeInput, { issuer: "shop.example" });
  });

  test("Money in minor units may not be there", () => {
    expectTypeOf(toMinorUnits).parameter(0).toBeUnknown();
    expectTypeOf(toMinorUnits).returns.toEqualTypeOf<number | null>();
  });
});
