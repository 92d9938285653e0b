import { describe, expect, test, vi } from "vitest";
import type { Outcome } from "../../src/outcome.ts";
import { outcomeOfResponse, outcomeOfThrow, retryAfter } from "../../src/outcome.ts";
import type { ActionSpec } from "../../src/payment.ts";
import { ACTIONS, otherCall } from "../../src/payment.ts";

const { create, paymentStatus, requestStatus, clearing, refund, reverse } = ACTIONS;

const other = otherCall({ endpoint: "/v5/other", body: {} }, "0190fddd-bea7-7f17-b777-10344d5cc816").action;

const MIB = 1_048_576;

/** The outcome of a response with this status and body. */
function outcomeOf<Answer>(action: ActionSpec<Answer>, body: unknown, init: ResponseInit = {}): Promise<Outcome<Answer>> {
  return outcomeOfResponse(action, new Response(typeof body === "string" ? body : JSON.stringify(body), init));
}

const unknown = (reason: string, httpStatus: number | null = 200, retryAfter: number | null = null): unknown => ({
  kind: "unknown",
  reason,
  httpStatus,
  retryAfter,
});

/** A body in pieces, and whether it was cancelled. */
function streamed(pull: (controller: ReadableStreamDefaultController<Uint8Array>, piece: number) => void): {
  readonly body: ReadableStream<Uint8Array>;
  readonly seen: { cancelled: boolean; pieces: number };
} {
  const seen = { cancelled: false, pieces: 0 };
  const body = new ReadableStream<Uint8Array>({
    pull(controller): void {
      seen.pieces += 1;
      pull(controller, seen.pieces);
    },
    cancel(): void {
      seen.cancelled = true;
    },
  });
  return { body, seen };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const PROCESS = { id: "77", status: "process", amount: 100, created_at: "2025-06-20T07:13:31.068188524Z" };
const DECLINED = {
  id: "77",
  status: "error",
  amount: "100",
  created_at: "2025-06-20T07:13:31Z",
  error: { code: "10045", description: "text" },
};
const UNSEEN = { status: "error", response: { status: "error", amount: 0, created_at: "0001-01-01T00:00:00Z", error: { code: "1202" } } };

describe("answered is", () => {
  test.each([
    ["a create that is in process", create, PROCESS],
    ["a create that was declined immediately", create, DECLINED],
    ["a create with an unknown status", create, { id: "77", status: "thinking" }],
    ["a payment", paymentStatus, { id: "77", order_id: "1234", status: "success", amount: 100 }],
    ["a payment that was declined", paymentStatus, { id: "77", order_id: "1234", status: "error", error: { code: "10009" } }],
    ["a declined payment named by its order_id alone", paymentStatus, { order_id: "1234", status: "error", error: { code: "10009" } }],
    ["no payment", paymentStatus, {}],
    ["a request", requestStatus, { id: "x", status: "success", response: PROCESS }],
    ["an unknown request", requestStatus, UNSEEN],
    ["a clearing", clearing, { id: "77", status: "process_clearing", amount: 100, clearing: { amount: 100 } }],
    ["a reversal", reverse, { id: "77", amount: 100, reverse_payment: { id: "78", status: "process" } }],
    ["a refund", refund, { id: "77", amount: 100, refund_payment: { id: "78", status: "process", amount: -50 } }],
    ["an edit with a payment and an error", refund, { id: "77", status: "error", error: { code: "11017" } }],
    ["any object, to an unknown call", other, { result: [1, 2] }],
    ["{}, to an unknown call", other, {}],
  ] as readonly (readonly [string, ActionSpec<unknown>, unknown])[])("%s", async (_, action, json) => {
    expect(await outcomeOf(action, json)).toEqual({ kind: "answered", httpStatus: 200, answer: json });
  });

  test("a numeric payment id, returned as text", async () => {
    expect(await outcomeOf(create, { id: 77, status: "process" })).toMatchObject({ kind: "answered", answer: { id: "77" } });
  });

  test.each([400, 401, 403, 404, 409, 422, 499])("a declined payment that came with status %i", async (status) => {
    expect(await outcomeOf(create, DECLINED, { status })).toEqual({ kind: "answered", httpStatus: status, answer: DECLINED });
  });

  test("an unknown request, even with status 422", async () => {
    expect(await outcomeOf(requestStatus, UNSEEN, { status: 422 })).toMatchObject({ kind: "answered", httpStatus: 422 });
  });

  test("JSON with a byte order mark, spaces around it, or another content type", async () => {
    const headers = { "content-type": "text/html" };
    expect(await outcomeOf(create, `\ufeff ${JSON.stringify(PROCESS)}\n`, { headers })).toMatchObject({ kind: "answered" });
  });

  test("JSON in pieces that split a character", async () => {
    const whole = bytes(JSON.stringify({ ...PROCESS, note: "ы" }));
    const { body } = streamed((controller, piece) => {
      if (piece > whole.length) controller.close();
      else controller.enqueue(whole.subarray(piece - 1, piece));
    });
    expect(await outcomeOfResponse(create, new Response(body))).toMatchObject({ kind: "answered", answer: { note: "ы" } });
  });

  test("a body of exactly 1 MiB", async () => {
    const json = JSON.stringify({ ...PROCESS, pad: "" });
    const padded = JSON.stringify({ ...PROCESS, pad: "x".repeat(MIB - json.length) });
    expect(padded.length).toBe(MIB);
    expect(await outcomeOf(create, padded)).toMatchObject({ kind: "answered" });
  });
});

describe("refused is", () => {
  test.each([200, 400, 401, 403, 404, 422])("a bare error with status %i", async (status) => {
    expect(await outcomeOf(create, { error: { code: "9403", description: "text" } }, { status })).toEqual({
      kind: "refused",
      httpStatus: status,
      code: "9403",
      description: "text",
      category: "configuration",
    });
  });

  test.each([
    ["no description", create, { error: { code: "1100" } }, "1100", null, "configuration"],
    ["a description that is not a text", create, { error: { code: "1100", description: {} } }, "1100", null, "configuration"],
    ["a code that is a number", create, { error: { code: 10009 } }, "10009", null, "insufficient_funds"],
    ["a status beside the error", create, { status: "error", error: { code: "9011" } }, "9011", null, "profile_dead"],
    ["an empty payment id", create, { id: "", status: "error", error: { code: "9011" } }, "9011", null, "profile_dead"],
    ["a null payment id", create, { id: null, error: { code: "9011" } }, "9011", null, "profile_dead"],
    ["a code that is not in the list", create, { error: { code: "4711" } }, "4711", null, "other"],
    ["1202 to a create", create, { error: { code: "1202" } }, "1202", null, "configuration"],
    ["1202 to an edit", clearing, { error: { code: "1202" } }, "1202", null, "configuration"],
    ["1202 to a read of a payment", paymentStatus, { error: { code: "1202" } }, "1202", null, "not_found"],
    ["1202 to a read of a request", requestStatus, { error: { code: "1202" } }, "1202", null, "not_found"],
    ["1202 and a status, to a read of a request", requestStatus, { status: "error", error: { code: "1202" } }, "1202", null, "not_found"],
    ["11068 to a read", paymentStatus, { status: "error", error: { code: "11068" } }, "11068", null, "not_found"],
    ["an operation that is not possible", refund, { error: { code: "11017", description: "x" } }, "11017", "x", "operation_refused"],
    ["a duplicate", create, { error: { code: "11013" } }, "11013", null, "duplicate"],
    ["an unknown call", other, { error: { code: "9403" } }, "9403", null, "configuration"],
  ] as readonly (readonly [string, ActionSpec<unknown>, unknown, string, string | null, string])[])(
    "an error with %s",
    async (_, action, json, code, description, category) => {
      expect(await outcomeOf(action, json)).toEqual({ kind: "refused", httpStatus: 200, code, description, category });
    },
  );
});

describe("unknown is, as odd_json,", () => {
  test.each([
    ["an array", create, []],
    ["an array, to a read", paymentStatus, []],
    ["null", create, null],
    ["a number", create, 5],
    ["a text", create, '"ok"'],
    ["{}, to a create", create, {}],
    ["{}, to an edit", clearing, {}],
    ["{}, to a read of a request", requestStatus, {}],
    ["a status without a payment", create, { status: "process" }],
    ["a payment without a status", create, { id: "77" }],
    ["a payment without a status, and an error", create, { id: "77", error: { code: "10045" } }],
    ["an id of a type that may be a payment's, and an error", create, { id: {}, status: "error", error: { code: "10045" } }],
    ["an id that JSON cannot hold, and an error", create, `{"id":90071992547409931,"status":"error","error":{"code":"10045"}}`],
    ["an error without a code", create, { error: { description: "text" } }],
    ["an error with an empty code", create, { error: { code: "" } }],
    ["an error that is a text", create, { error: "9403" }],
    ["an error that is a list", create, { errors: [{ code: "9403" }] }],
    ["unknown members, to a read", paymentStatus, { message: "maintenance" }],
    ["a payment under __proto__", paymentStatus, '{"__proto__":{"order_id":"1234","status":"success"}}'],
    ["a member that every object has", paymentStatus, { constructor: { status: "success" } }],
    ["a payment whose status is a number", paymentStatus, { id: "77", order_id: "1234", status: 1 }],
    ["a payment whose order_id is an object", paymentStatus, { id: "77", order_id: {}, status: "success" }],
    ["a request with an odd response", requestStatus, { status: "success", response: "x" }],
  ] as readonly (readonly [string, ActionSpec<unknown>, unknown])[])("%s", async (_, action, json) => {
    expect(await outcomeOf(action, json)).toEqual(unknown("odd_json"));
  });

  test("{}, to any action for which it is not valid", async () => {
    expect(await outcomeOf({ ...other, mayBeEmpty: false }, {})).toEqual(unknown("odd_json"));
    expect(await outcomeOf({ ...paymentStatus, mayBeEmpty: false }, {})).toEqual(unknown("odd_json"));
  });

  test.each([
    ["nothing", paymentStatus, {}],
    ["a payment without an error", create, PROCESS],
    ["a payment's state without an error", paymentStatus, { id: "77", status: "success" }],
    ["strangers", create, { message: "Unauthorized" }],
    ["unknown members, to an unknown call", other, { message: "Unauthorized" }],
  ] as readonly (readonly [string, ActionSpec<unknown>, unknown])[])("a 4xx with %s", async (_, action, json) => {
    expect(await outcomeOf(action, json, { status: 403 })).toEqual(unknown("odd_json", 403));
  });
});

describe("unknown is, as not_json,", () => {
  test.each([200, 401, 403, 404, 422])("a page with status %i", async (status) => {
    expect(await outcomeOf(create, "<html><body>Blocked</body></html>", { status })).toEqual(unknown("not_json", status));
  });

  test.each([
    ["nothing", ""],
    ["spaces", "  \n"],
    ["JSON cut off", JSON.stringify(PROCESS).slice(0, -1)],
    ["JSON twice", JSON.stringify(PROCESS).repeat(2)],
    ["JSON with an extra comma", '{"id":"77","status":"process",}'],
    ["a form", "id=77&status=process"],
  ])("%s", async (_, body) => {
    expect(await outcomeOf(create, body)).toEqual(unknown("not_json"));
  });

  test("no body at all", async () => {
    expect(await outcomeOfResponse(create, new Response(null, { status: 204 }))).toEqual(unknown("not_json", 204));
  });

  test("JSON that is not UTF-8", async () => {
    const latin = Uint8Array.from(JSON.stringify({ ...PROCESS, note: "é" }), (character) => character.charCodeAt(0));
    expect(await outcomeOfResponse(create, new Response(latin))).toEqual(unknown("not_json"));
  });

  test("JSON of more than 1 MiB, whose rest is not read", async () => {
    const begin = bytes(`{"id":"77","status":"process","pad":"${"x".repeat(MIB / 4)}`);
    const { body, seen } = streamed((controller, piece) => controller.enqueue(piece === 1 ? begin : bytes("x".repeat(MIB / 4))));
    expect(await outcomeOfResponse(create, new Response(body))).toEqual(unknown("not_json"));
    expect(seen.cancelled).toBe(true);
    expect(seen.pieces).toBeLessThan(8);
  });

  test("one byte more than 1 MiB", async () => {
    const json = JSON.stringify({ ...PROCESS, pad: "" });
    expect(await outcomeOf(create, JSON.stringify({ ...PROCESS, pad: "x".repeat(MIB + 1 - json.length) }))).toEqual(unknown("not_json"));
  });
});

describe("unknown is, with any body,", () => {
  test.each([
    [429, "rate_limited"],
    [500, "server_error"],
    [502, "server_error"],
    [503, "server_error"],
    [504, "server_error"],
    [599, "server_error"],
    [301, "redirect"],
    [302, "redirect"],
    [304, "redirect"],
    [307, "redirect"],
    [308, "redirect"],
  ])("status %i: %s", async (status, reason) => {
    const bodies = status === 304 ? [null] : [null, JSON.stringify(PROCESS), JSON.stringify({ error: { code: "9403" } }), "<html>"];
    for (const body of bodies) expect(await outcomeOfResponse(create, new Response(body, { status }))).toEqual(unknown(reason, status));
  });

  test("a body that is not needed is cancelled", async () => {
    const { body, seen } = streamed((controller) => controller.enqueue(bytes("x")));
    await outcomeOfResponse(create, new Response(body, { status: 500 }));
    expect(seen.cancelled).toBe(true);
  });

  test("a redirect that a browser hides, or that was followed anyway", async () => {
    const hidden = Object.defineProperties(new Response(), { type: { value: "opaqueredirect" }, status: { value: 0 } });
    expect(await outcomeOfResponse(create, hidden)).toEqual(unknown("redirect", null));
    const followed = Object.defineProperties(new Response(JSON.stringify(PROCESS)), { redirected: { value: true } });
    expect(await outcomeOfResponse(create, followed)).toEqual(unknown("redirect", 200));
  });

  test("a response that is an error", async () => {
    const failed = Object.defineProperties(new Response(), { type: { value: "error" }, status: { value: 0 } });
    expect(await outcomeOfResponse(create, failed)).toEqual(unknown("network", null));
  });
});

describe("Retry-After", () => {
  test.each([
    [{ "retry-after": "7" }, 7],
    [{ "retry-after": " 120 " }, 120],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": "Sun, 22 Nov 2026 10:00:30 GMT", date: "Sun, 22 Nov 2026 10:00:00 GMT" }, 30],
    [{ "retry-after": "Sun, 22 Nov 2026 10:00:00 GMT", date: "Sun, 22 Nov 2026 10:00:30 GMT" }, 0],
    [{ "retry-after": "Sat, 01 Jan 2000 00:00:00 GMT" }, 0],
    [{ "retry-after": "soon" }, null],
    [{ "retry-after": "-5" }, null],
    [{ "retry-after": "" }, null],
    [{}, null],
  ])("%j means %o seconds", async (headers, seconds) => {
    expect(retryAfter(new Headers(headers as Record<string, string>))).toBe(seconds);
    for (const [status, reason] of [
      [429, "rate_limited"],
      [503, "server_error"],
    ] as const) {
      expect(await outcomeOf(create, "", { status, headers: headers as Record<string, string> })).toEqual(unknown(reason, status, seconds));
    }
  });
});

describe("A body that is cut off", () => {
  test.each([
    ["network", new TypeError("terminated")],
    ["network", new Error("Network connection lost.")],
    ["network", "a thrown text"],
    ["network", undefined],
    ["timeout", new DOMException("late", "TimeoutError")],
    ["aborted", new DOMException("over", "AbortError")],
  ])("is unknown, as %s, after its whole JSON was read: %o", async (reason, error) => {
    const { body } = streamed((controller, piece) => {
      if (piece === 1) controller.enqueue(bytes(JSON.stringify(PROCESS)));
      else controller.error(error);
    });
    expect(await outcomeOfResponse(create, new Response(body))).toEqual(unknown(reason));
  });

  test("is unknown when it was already read", async () => {
    const response = new Response(JSON.stringify(PROCESS));
    await response.text();
    expect(await outcomeOfResponse(create, response)).toMatchObject({ kind: "unknown" });
  });

  test.each([
    ["timeout", (): AbortSignal => AbortSignal.timeout(20)],
    ["aborted", (): AbortSignal => AbortSignal.abort()],
    ["aborted", (): AbortSignal => AbortSignal.abort("a reason of the caller's")],
  ])("is unknown after an abort, as %s, and the rest is cancelled", async (reason, signal) => {
    const { body, seen } = streamed((controller, piece) => {
      if (piece === 1) controller.enqueue(bytes(JSON.stringify(PROCESS)));
    });
    expect(await outcomeOfResponse(create, new Response(body), signal())).toEqual(unknown(reason));
    expect(seen.cancelled).toBe(true);
  });
});

describe("A signal", () => {
  test("that is already aborted does not wait for a body", async () => {
    const hanging = new Response(new ReadableStream());
    expect(await outcomeOfResponse(create, hanging, AbortSignal.abort())).toEqual(unknown("aborted"));
  });

  test("has no listeners left after a call", async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    await outcomeOfResponse(create, Response.json(PROCESS), signal);
    expect(added).toHaveBeenCalledOnce();
    expect(removed.mock.calls.map(([type, listener]) => [type, listener])).toEqual(
      added.mock.calls.map(([type, listener]) => [type, listener]),
    );
  });
});

describe("outcomeOfThrow", () => {
  test.each([
    [new TypeError("fetch failed"), "network"],
    [new Error("Network connection lost."), "network"],
    [new DOMException("late", "TimeoutError"), "timeout"],
    [new DOMException("over", "AbortError"), "aborted"],
    ["a text", "network"],
    [null, "network"],
    [undefined, "network"],
    [{ name: 5 }, "network"],
  ])("takes %o for %s", (error, reason) => {
    expect(outcomeOfThrow(error)).toEqual(unknown(reason, null));
  });

  test("uses the signal's reason instead of the runtime's error", () => {
    const late = AbortSignal.abort(new DOMException("late", "TimeoutError"));
    expect(outcomeOfThrow(new DOMException("x", "AbortError"), late)).toEqual(unknown("timeout", null));
    expect(outcomeOfThrow(new TypeError("x"), AbortSignal.abort("over"))).toEqual(unknown("aborted", null));
    expect(outcomeOfThrow(new TypeError("x"), new AbortController().signal)).toEqual(unknown("network", null));
  });
});

describe("The boundaries between outcomes", () => {
  test.each([
    [299, "answered"],
    [300, "redirect"],
    [399, "redirect"],
    [400, "odd_json"],
    [499, "odd_json"],
    [500, "server_error"],
  ])("a payment under status %i is %s", async (status, end) => {
    const outcome = await outcomeOf(paymentStatus, { id: "77", status: "success" }, { status });
    expect(outcome.kind === "unknown" ? outcome.reason : outcome.kind).toBe(end);
  });

  test("a 4xx for a request is an answer only if its response has an error", async () => {
    expect(await outcomeOf(requestStatus, { status: "success", response: { status: "process" } }, { status: 422 })).toEqual(
      unknown("odd_json", 422),
    );
    expect(await outcomeOf(requestStatus, UNSEEN, { status: 422 })).toMatchObject({ kind: "answered" });
  });

  test("a wait is rounded up, because an early call would be refused again", async () => {
    const now = vi.spyOn(Date, "now").mockReturnValue(Date.parse("2026-11-22T10:00:00.001Z"));
    try {
      const headers = { "Retry-After": "Sun, 22 Nov 2026 10:00:07 GMT" };
      expect(await outcomeOf(create, "", { status: 429, headers })).toEqual(unknown("rate_limited", 429, 7));
    } finally {
      now.mockRestore();
    }
  });

  test("a long wait is exact to the second", async () => {
    const headers = { "Retry-After": "Sun, 22 Nov 2026 11:00:00 GMT", Date: "Sun, 22 Nov 2026 10:00:00 GMT" };
    expect(await outcomeOf(create, "", { status: 429, headers })).toEqual(unknown("rate_limited", 429, 3600));
  });
});
