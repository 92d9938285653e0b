import { describe, expect, test } from "vitest";
import { moneyText } from "../../widget/money-text.ts";

/** Whatever no-break spaces the formatter takes, and nothing that breaks. */
function shown(...of: Parameters<typeof moneyText>): string {
  const text = moneyText(...of);
  expect(text).not.toContain(" ");
  return text.replaceAll(/[\u00a0\u202f]/g, "_");
}

describe("amounts", () => {
  test.each([
    [1234.5, "KZT", "kk", "1_234,50_₸"],
    [1234.5, "KZT", "ru", "1_234,50_₸"],
    [1234.5, "KZT", "en", "₸1,234.50"],
    [10, "KZT", "kk", "10_₸"],
    [99_999_999, "KZT", "ru", "99_999_999_₸"],
    [0.01, "KZT", "ru", "0,01_₸"],
    [10, "USD", "ru", "10,00_$"],
    [10.5, "KGS", "ru", "10,50_KGS"],
    [10.5, "EUR", "kk", "10,50_€"],
    [10, "UZS", "en", "UZS_10.00"],
  ] as const)("%d %s in %s is %s", (amount, currency, locale, text) => {
    expect(shown(amount, currency, locale)).toBe(text);
  });

  test("of something that is no currency stand beside it", () => {
    expect(moneyText(10, "tenge", "ru")).toBe("10 tenge");
    expect(moneyText(10, "", "ru")).toBe("10 ");
  });
});
