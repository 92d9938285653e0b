import { describe, expect, test } from "vitest";
import { gatewayTime, httpTime } from "../../../src/lib/gateway-time.ts";

/** 12:13:31 in Almaty. */
const MOMENT = Date.parse("2025-06-20T07:13:31Z");

describe("A time in an answer of the gateway", () => {
  test.each(["2025-06-20 12:13:31", "2025-06-20T12:13:31", "2025-06-20 12:13:31.0", "2025-06-20T12:13:31.000000000"])(
    "without an offset is Almaty time: %j",
    (text) => {
      expect(gatewayTime(text)).toBe(MOMENT);
    },
  );

  test.each([
    "2025-06-20T07:13:31Z",
    "2025-06-20 07:13:31Z",
    "2025-06-20t07:13:31z",
    "2025-06-20T12:13:31+05:00",
    "2025-06-20T13:13:31+06:00",
    "2025-06-20T13:13:31+0600",
    "2025-06-20T13:13:31+06",
    "2025-06-20 13:13:31 +06:00",
    "2025-06-20T03:43:31-03:30",
    "2025-06-20T07:13:31-00:00",
    "2025-06-19T19:13:31-12:00",
  ])("with an offset has that offset: %j", (text) => {
    expect(gatewayTime(text)).toBe(MOMENT);
  });

  test.each([
    ["2025-06-20T07:13:31.068188524Z", 68],
    ["2025-06-20 12:13:31.5", 500],
    ["2025-06-20 12:13:31.999999999", 999],
    ["2025-06-20T13:13:31.12+06:00", 120],
  ])("keeps the milliseconds of its fraction: %j", (text, milliseconds) => {
    expect(gatewayTime(text)).toBe(MOMENT + milliseconds);
  });

  test.each([
    ["2005-08-09T18:31:42+06:00", 1_123_590_702_000],
    ["2024-02-29 00:00:00", Date.parse("2024-02-28T19:00:00Z")],
    ["2024-01-01 00:00:00", Date.parse("2023-12-31T19:00:00Z")],
  ])("is read in any year: %j", (text, at) => {
    expect(gatewayTime(text)).toBe(at);
  });

  test.each([
    undefined,
    "",
    "0001-01-01T00:00:00Z",
    "1970-01-01T00:00:00Z",
    " ",
    "yesterday",
    "now",
    "1750403611",
    "2025",
    "2025-06",
    "2025-06-20",
    "2025-06-20Z",
    "2025-06-20 12:13",
    "12:13:31",
    "20.06.2025 12:13:31",
    "06/20/2025 12:13:31",
    "June 20, 2025 12:13:31",
    "Fri, 20 Jun 2025 07:13:31 GMT",
    "Fri Jun 20 2025 12:13:31",
    "2025-6-20 12:13:31",
    "2025-06-31 12:13:31",
    "2025-02-29 12:13:31",
    "2025-13-20 12:13:31",
    "2025-00-20 12:13:31",
    "2025-06-00 12:13:31",
    "2025-06-20 24:00:00",
    "2025-06-20 12:60:31",
    "2025-06-20 12:13:61",
    "2025-06-20 12:13:31.",
    "2025-06-20 12:13:31,5",
    "2025-06-20  12:13:31",
    "2025-06-20T12:13:31 GMT",
    "2025-06-20T12:13:31 (Almaty)",
    "2025-06-20T12:13:31+24:00",
    "2025-06-20T12:13:31+05:60",
    "2025-06-20T12:13:31+5",
    "2025-06-20T12:13:31ZZ",
    " 2025-06-20T12:13:31Z",
    "2025-06-20T12:13:31Z\n",
    "+002025-06-20T12:13:31Z",
    "２025-06-20T12:13:31Z",
  ])("is NaN for a text that is not an instant: %j", (text) => {
    expect(gatewayTime(text)).toBeNaN();
  });
});

describe("A time in a header", () => {
  test("has the form that HTTP requires, in GMT", () => {
    expect(httpTime("Fri, 20 Jun 2025 07:13:31 GMT")).toBe(MOMENT);
  });

  test.each([
    null,
    "",
    "Fri, 20 Jun 2025 07:13:31",
    "Fri, 20 Jun 2025 07:13:31 +0500",
    "Fri, 31 Jun 2025 07:13:31 GMT",
    "1 GMT",
    "2025-06-20T07:13:31Z",
    "Invalid Date",
  ])("is NaN in any other form: %j", (text) => {
    expect(httpTime(text)).toBeNaN();
  });
});
