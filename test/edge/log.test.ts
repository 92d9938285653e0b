import { afterEach, expect, test, vi } from "vitest";
import type { LogLine } from "../../edge/log.ts";
import { describeError, formatLine, log, traceId } from "../../edge/log.ts";

const LINE: LogLine = {
  event: "request",
  request_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
  method: "POST",
  status: 401,
  code: "token_invalid",
};

afterEach(() => {
  vi.restoreAllMocks();
});

test("a line is one line of JSON", () => {
  expect(formatLine(LINE)).toBe(
    '{"event":"request","request_id":"0190fddd-bea7-7f17-b777-10344d5cc816","method":"POST","status":401,"code":"token_invalid"}',
  );
});

test("a field that is not listed is not written", () => {
  const careless = { ...LINE, token: "test-secret", order_id: { authorization: "test-secret" } } as unknown as LogLine;
  expect(formatLine(careless)).not.toContain("test-secret");
});

test("a request goes to the output, an unexpected error to the error stream", () => {
  const output = vi.spyOn(console, "log").mockReturnValue();
  const errors = vi.spyOn(console, "error").mockReturnValue();
  log(LINE);
  expect([output.mock.calls.length, errors.mock.calls.length]).toEqual([1, 0]);
  log({ ...LINE, event: "error" });
  expect([output.mock.calls.length, errors.mock.calls.length]).toEqual([1, 1]);
});

test("an error is described by its class and its stack, because its message may quote input", () => {
  const { error, stack } = describeError(new TypeError("cannot read\n    at test-secret (card.ts:1:1)"));
  expect(error).toBe("TypeError");
  expect(stack).toMatch(/^at .*log\.test\.ts/);
  expect(stack).not.toContain("test-secret");
  expect(describeError("test-secret")).toEqual({ error: "string" });
});

test.each([
  ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "0af7651916cd43dd8448eb211c80319c"],
  ["nonsense", null],
  [null, null],
])("traceparent %s", (header, id) => {
  expect(traceId(header)).toBe(id);
});
