import { describe, expect, test } from "vitest";
import type { Refusal } from "../../../edge/machine/gateway-call.ts";
import {
  firstSendAt,
  isSignatureRefusal,
  isSoleSend,
  keyOfResend,
  markSendLost,
  mayResend,
  mayTryOtherKey,
  recordEnd,
  recordSend,
  sendIsOpen,
  sendWindowEnds,
} from "../../../edge/machine/pending-call.ts";
import type { CallEnd, PendingCall, Send } from "../../../edge/machine/record.ts";

const CREATED_AT = 1_000_000;
const MINUTE = 60_000;

const REFUSED: CallEnd = { how: "refused", httpStatus: 401, gatewayStatus: null, code: "1100", description: null };
const LOST: CallEnd = { how: "network", httpStatus: null, gatewayStatus: null, code: null, description: null };

function sendAt(at: number, more: Partial<Send> = {}): Send {
  return { requestId: "id-1", keyIndex: 0, at, leftBy: at, endedAt: at, end: LOST, superseded: false, ...more };
}

function callWith(sends: readonly Send[] = [], more: Partial<PendingCall> = {}): PendingCall {
  return {
    number: 1,
    api: "async",
    requestId: "id-1",
    createdAt: CREATED_AT,
    sends: [...sends],
    decidedAt: null,
    knownToGateway: false,
    notBefore: CREATED_AT,
    generation: 3,
    pollStartedAt: 5,
    nextPollAt: null,
    ...more,
  };
}

function refusal(more: Partial<Refusal> = {}): Refusal {
  return { kind: "refused", httpStatus: 401, code: "1100", description: null, category: "configuration", ...more };
}

describe("a send", () => {
  test("is stored open, under the call's id, with the time at which it counts as lost; a poll in flight is dropped", () => {
    const one = callWith();
    recordSend(one, { now: CREATED_AT + 7, keyIndex: 1 });
    expect(one).toEqual(
      callWith([{ requestId: "id-1", keyIndex: 1, at: CREATED_AT + 7, leftBy: null, endedAt: null, end: null, superseded: false }], {
        generation: 4,
        pollStartedAt: null,
        nextPollAt: CREATED_AT + 7 + 25_000,
      }),
    );
    expect(sendIsOpen(one)).toBe(true);
  });

  test("is open until it has ended; only the last send counts", () => {
    expect(sendIsOpen(callWith())).toBe(false);
    expect(sendIsOpen(callWith([sendAt(1, { endedAt: null }), sendAt(2)]))).toBe(false);
    expect(sendIsOpen(callWith([sendAt(1), sendAt(2, { endedAt: null })]))).toBe(true);
  });

  test("that is still open is lost at its deadline; one that has ended is unchanged", () => {
    const one = callWith([sendAt(1), sendAt(2, { endedAt: null, end: null })]);
    markSendLost(one, 9);
    expect(one.sends[1]).toEqual(
      sendAt(2, { leftBy: 9, endedAt: 9, end: { how: "not_known", httpStatus: null, gatewayStatus: null, code: null, description: null } }),
    );
    markSendLost(one, 10);
    expect(one.sends[1]?.endedAt).toBe(9);
    const none = callWith();
    markSendLost(none, 9);
    expect(none).toEqual(callWith());
  });

  test("may leave within two minutes: the sole one after the click, with the other key too; a resend after the first send", () => {
    const first = CREATED_AT + MINUTE;
    expect(sendWindowEnds(callWith())).toBe(CREATED_AT + 2 * MINUTE);
    expect(sendWindowEnds(callWith([sendAt(first)]))).toBe(CREATED_AT + 2 * MINUTE);
    expect(sendWindowEnds(callWith([sendAt(first, { superseded: true }), sendAt(first + 1)]))).toBe(CREATED_AT + 2 * MINUTE);
    expect(sendWindowEnds(callWith([sendAt(first), sendAt(first + 1)]))).toBe(first + 2 * MINUTE);
  });

  test("is the sole one unless another one counts", () => {
    expect(isSoleSend(callWith())).toBe(false);
    expect(isSoleSend(callWith([sendAt(1)]))).toBe(true);
    expect(isSoleSend(callWith([sendAt(1), sendAt(2)]))).toBe(false);
    expect(isSoleSend(callWith([sendAt(1, { superseded: true }), sendAt(2)]))).toBe(true);
  });

  test("the age counts from the first send; before it, from the pending call", () => {
    expect(firstSendAt(callWith())).toBe(CREATED_AT);
    expect(firstSendAt(callWith([sendAt(7), sendAt(9)]))).toBe(7);
  });
});

describe("the end of a send", () => {
  function ended(outcome: Parameters<typeof recordEnd>[2], more: Partial<PendingCall> = {}): PendingCall {
    const one = callWith([sendAt(1, { endedAt: null, end: null })], more);
    const [send] = one.sends;
    if (send !== undefined) recordEnd(one, send, outcome, { now: CREATED_AT, leftAt: CREATED_AT });
    expect(send?.endedAt).toBe(CREATED_AT);
    return one;
  }

  test("an answer keeps its gateway status", () => {
    const answer = { status: "error", error: { code: "10009", description: "no money" } };
    expect(ended({ kind: "answered", httpStatus: 200, answer }).sends[0]?.end).toEqual({
      how: "answered",
      httpStatus: 200,
      gatewayStatus: "error",
      code: "10009",
      description: "no money",
    });
    expect(ended({ kind: "answered", httpStatus: 200, answer: {} }).sends[0]?.end).toEqual({
      how: "answered",
      httpStatus: 200,
      gatewayStatus: null,
      code: null,
      description: null,
    });
  });

  test("a refusal keeps its code and text", () => {
    expect(ended(refusal({ httpStatus: 422, code: "10009", description: "no money" })).sends[0]?.end).toEqual({
      how: "refused",
      httpStatus: 422,
      gatewayStatus: null,
      code: "10009",
      description: "no money",
    });
  });

  test("an unknown outcome keeps its reason, and the gateway's Retry-After, which never gets shorter", () => {
    const unknown = { kind: "unknown", reason: "rate_limited", httpStatus: 429 } as const;
    const one = ended({ ...unknown, retryAfter: 40 });
    expect(one.sends[0]?.end).toEqual({ how: "rate_limited", httpStatus: 429, gatewayStatus: null, code: null, description: null });
    expect(one.notBefore).toBe(CREATED_AT + 40_000);
    expect(ended({ ...unknown, retryAfter: 40 }, { notBefore: CREATED_AT + MINUTE }).notBefore).toBe(CREATED_AT + MINUTE);
    expect(ended({ ...unknown, retryAfter: null }, { notBefore: 1 }).notBefore).toBe(1);
    expect(ended(refusal(), { notBefore: 1 }).notBefore).toBe(1);
  });
});

describe("whether the same bytes may be sent again", () => {
  const one = callWith([sendAt(CREATED_AT)]);

  test("ten seconds after the last send, to the millisecond", () => {
    expect(mayResend(one, CREATED_AT + 9_999)).toBe(false);
    expect(mayResend(one, CREATED_AT + 10_000)).toBe(true);
    expect(mayResend(callWith([sendAt(CREATED_AT), sendAt(CREATED_AT + 5_000)]), CREATED_AT + 10_000)).toBe(false);
  });

  test("until two minutes after the first, to the millisecond", () => {
    expect(mayResend(one, CREATED_AT + 2 * MINUTE)).toBe(true);
    expect(mayResend(one, CREATED_AT + 2 * MINUTE + 1)).toBe(false);
  });

  test("not before Retry-After is over", () => {
    const waiting = callWith([sendAt(CREATED_AT)], { notBefore: CREATED_AT + MINUTE });
    expect(mayResend(waiting, CREATED_AT + MINUTE - 1)).toBe(false);
    expect(mayResend(waiting, CREATED_AT + MINUTE)).toBe(true);
  });

  test("never while a send is open, once the gateway knows the request, or before anything was sent", () => {
    const now = CREATED_AT + 30_000;
    expect(mayResend(callWith([sendAt(CREATED_AT, { endedAt: null })]), now)).toBe(false);
    expect(mayResend(callWith([sendAt(CREATED_AT)], { knownToGateway: true }), now)).toBe(false);
    expect(mayResend(callWith(), now)).toBe(false);
  });
});

describe("which key signs a send", () => {
  test("a resend: the same key, or the other one if the last send was refused for its signature", () => {
    expect(keyOfResend(callWith(), 2)).toBe(0);
    expect(keyOfResend(callWith([sendAt(1, { keyIndex: 1 })]), 2)).toBe(1);
    expect(keyOfResend(callWith([sendAt(1, { keyIndex: 0, end: REFUSED })]), 2)).toBe(1);
    expect(keyOfResend(callWith([sendAt(1, { keyIndex: 1, end: REFUSED })]), 2)).toBe(0);
    expect(keyOfResend(callWith([sendAt(1, { keyIndex: 0, end: REFUSED })]), 1)).toBe(0);
    expect(keyOfResend(callWith([sendAt(1, { end: REFUSED }), sendAt(2, { keyIndex: 1 })]), 2)).toBe(1);
    expect(keyOfResend(callWith([sendAt(1, { keyIndex: 1, end: null })]), 2)).toBe(1);
  });

  test("another try of the sole send: once, only after a refused signature, with another key, within two minutes of the click", () => {
    const one = callWith([sendAt(CREATED_AT)]);
    expect(mayTryOtherKey(one, refusal(), { gatewayKeyCount: 2, now: CREATED_AT + 2 * MINUTE })).toBe(true);
    expect(mayTryOtherKey(one, refusal(), { gatewayKeyCount: 2, now: CREATED_AT + 2 * MINUTE + 1 })).toBe(false);
    expect(mayTryOtherKey(one, refusal(), { gatewayKeyCount: 1, now: CREATED_AT })).toBe(false);
    expect(mayTryOtherKey(callWith([sendAt(1), sendAt(2)]), refusal(), { gatewayKeyCount: 2, now: CREATED_AT })).toBe(false);
    expect(mayTryOtherKey(one, refusal({ httpStatus: 422, code: "10009" }), { gatewayKeyCount: 2, now: CREATED_AT })).toBe(false);
    expect(mayTryOtherKey(one, refusal({ httpStatus: 200 }), { gatewayKeyCount: 2, now: CREATED_AT })).toBe(true);
    expect(mayTryOtherKey(one, refusal({ code: "77777" }), { gatewayKeyCount: 2, now: CREATED_AT })).toBe(true);
  });

  test("a signature is refused by HTTP 401 or code 1100, and only by a refusal", () => {
    expect(isSignatureRefusal(REFUSED)).toBe(true);
    expect(isSignatureRefusal({ ...REFUSED, code: "77777" })).toBe(true);
    expect(isSignatureRefusal({ ...REFUSED, httpStatus: 200 })).toBe(true);
    expect(isSignatureRefusal({ ...REFUSED, httpStatus: 422, code: "10009" })).toBe(false);
    expect(isSignatureRefusal({ ...REFUSED, how: "not_json" })).toBe(false);
    expect(isSignatureRefusal({ ...REFUSED, how: "answered", httpStatus: 200 })).toBe(false);
  });
});
