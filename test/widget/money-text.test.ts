import { describe, expect, test } from "vitest";
import { moneyText } from "../../widget/money-text.ts";

/** With `_` for a no-break space. No other space may occur. */
function shown(...of: Parameters<typeof moneyText>): string {
  const text = moneyText(...of);
  expect(text).not.toContain(" ");
  return text.replaceAll("\u00a0", "_");
}

describe("amounts", () => {
  test.each([
    [1234.5, "KZT", "kk", "1_234,50_₸"],
    [1234.5, "KZT", "ru", "1_234,50_₸"],
    [1234.5, "KZT", "en", "₸1,234.50"],
    [10, "KZT", "kk", "10_₸"],
    [99_999_999, "KZT", "ru", "99_999_999_₸"],
    [99_999_999.99, "KZT", "en", "₸99,999,999.99"],
    [0.01, "KZT", "ru", "0,01_₸"],
    [10, "USD", "ru", "10,00_$"],
    [10.5, "KGS", "ru", "10,50_KGS"],
    [10.5, "EUR", "kk", "10,50_€"],
    [10, "UZS", "en", "UZS_10.00"],
    [10, "tenge", "ru", "10,00_tenge"],
    [10, "constructor", "en", "constructor_10.00"],
  ] as const)("%d %s in %s is %s", (amount, currency, locale, text) => {
    expect(shown(amount, currency, locale)).toBe(text);
  });

  test.each(["KZT", "USD", "EUR", "RUB", "KGS", "UZS"])("of %s are written in Russian as by the platform's own formatter", (currency) => {
    const format = new Intl.NumberFormat("ru-KZ", {
      style: "currency",
      currency,
      ...(currency === "KZT" && { currencyDisplay: "narrowSymbol", trailingZeroDisplay: "stripIfInteger" }),
    });
    for (const amount of [0.01, 0.1, 0.29, 1, 1.1, 99.99, 100, 999.5, 1000, 12_345.67, 100_000, 1_234_567.89, 99_999_999.99])
      expect(moneyText(amount, currency, "ru")).toBe(format.format(amount).replaceAll("\u202f", "\u00a0"));
  });
});
