import { describe, expect, test } from "vitest";
import { isRequestId, requestId } from "../../src/request-id.ts";

const fill = (value: number) => (bytes: Uint8Array) => {
  bytes.fill(value);
};

describe("requestId", () => {
  test("makes the UUID of version 7 that RFC 9562 shows in appendix A.6", () => {
    const random = (bytes: Uint8Array): void => {
      // rand_a is CC3, rand_b begins with 18C4DC0C0C07398F; the bits of version and variant are overwritten.
      bytes.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
    };
    expect(requestId(1_645_557_742_000, random)).toBe("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
  });

  test.each([0x00, 0xff])("sets version and variant for any random bytes (%i)", (value) => {
    const id = requestId(0, fill(value));
    expect(id[14]).toBe("7");
    expect("89ab").toContain(id[19]);
    expect(id.slice(0, 13)).toBe("00000000-0000");
  });

  test("keeps all 48 bits of the time", () => {
    expect(requestId(2 ** 48 - 1, fill(0))).toBe("ffffffff-ffff-7000-8000-000000000000");
    expect(requestId(0x123456789abc + 0.9, fill(0)).slice(0, 13)).toBe("12345678-9abc");
  });

  test("sorts by time", () => {
    const ids = [3, 1_000, 65_536, 1_700_000_000_000, 1_700_000_000_001].map((now) => requestId(now, fill(now % 256)));
    expect([...ids].sort()).toEqual(ids);
  });

  test("returns another id at the same instant", () => {
    const ids = Array.from({ length: 200 }, () => requestId(1_700_000_000_000));
    expect(new Set(ids).size).toBe(200);
    expect(ids.every(isRequestId)).toBe(true);
  });

  test("uses the current time by default", () => {
    const before = Date.now();
    const time = Number.parseInt(requestId().replaceAll("-", "").slice(0, 12), 16);
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
  });

  test.each([-1, 2 ** 48, Number.NaN, Number.POSITIVE_INFINITY])("refuses the time %o", (now) => {
    const message = "now must be milliseconds since 1970";
    expect(() => requestId(now)).toThrow(expect.objectContaining({ code: "input_invalid", message }));
  });
});

describe("isRequestId", () => {
  test.each(["0190fddd-bea7-7f17-b777-10344d5cc816", "828cf71d-a447-4a67-a149-c1df8bc197ca", "0190FDDD-BEA7-7F17-B777-10344D5CC816"])(
    "accepts %s",
    (id) => {
      expect(isRequestId(id)).toBe(true);
    },
  );

  test.each([
    "",
    "0190fdddbea77f17b77710344d5cc816",
    "{0190fddd-bea7-7f17-b777-10344d5cc816}",
    "0190fddd-bea7-7f17-b777-10344d5cc81",
    "0190fddd-bea7-7f17-b777-10344d5cc8166",
    "0190fddd-bea7-7f17-b777-10344d5cc81g",
    "0190fddd-bea7-0f17-b777-10344d5cc816",
    "0190fddd-bea7-7f17-c777-10344d5cc816",
    "0190fddd-bea7-7f17-b777-10344d5cc816\n",
  ])("refuses %j", (id) => {
    expect(isRequestId(id)).toBe(false);
  });
});
