import { describe, expect, test } from "vitest";
import { chooseLocale } from "../../widget/locale.ts";
import { WORDS } from "../../widget/locales/at-once.ts";
import { interpolate } from "../../widget/words.ts";

const placeholders = (phrase: string): readonly string[] => phrase.match(/\{\w+\}/g) ?? [];

describe("the words", () => {
  const english = new Map(Object.entries(WORDS.en));

  test.each(["kk", "ru"] as const)("of %s have the same phrases with the same placeholders as English", (locale) => {
    const others = new Map(Object.entries(WORDS[locale]));
    expect([...others.keys()]).toEqual([...english.keys()]);
    for (const [name, phrase] of others) expect(placeholders(phrase), name).toEqual(placeholders(english.get(name) ?? ""));
  });

  test.each(["kk", "ru", "en"] as const)("of %s have no empty phrase and no full stop at the end", (locale) => {
    for (const [name, phrase] of Object.entries(WORDS[locale])) expect(phrase, name).toMatch(/^\S.*[^\s.]$/);
  });

  test.each(["kk", "ru"] as const)("of %s have no Latin letter that looks like a Cyrillic one", (locale) => {
    for (const [name, phrase] of Object.entries(WORDS[locale]))
      expect(phrase.replaceAll(/\{\w+\}|Freedom Pay/g, ""), name).not.toMatch(/[A-Za-z]/);
  });

  test("are those that were collected from real products", () => {
    const { kk, ru } = WORDS;
    expect([kk.pay, kk.processing, kk.processing_5s, kk.succeeded, kk.failed, kk.try_again, kk.check_again]).toEqual([
      "{amount} төлеу",
      "Төлем өңделуде…",
      "Төлем әлі өңделуде",
      "Төлем сәтті өтті",
      "Төлем өтпеді",
      "Қайталап көріңіз",
      "Қайта тексеру",
    ]);
    expect([kk.insufficient_funds, kk.card_expired, kk.retry_other_card, kk.card, kk.unreachable, kk.order]).toEqual([
      "Қаражат жеткіліксіз",
      "Картаның мерзімі бітті",
      "Басқа картамен төлеңіз",
      "{last4} аяқталатын карта",
      "Интернетке қосылу сәтсіз аяқталды. Қайталап көріңіз",
      "Тапсырыс №{n}",
    ]);
    expect([ru.pay, ru.processing, ru.succeeded, ru.failed, ru.unreachable, ru.server_error]).toEqual([
      "Оплатить {amount}",
      "Обрабатываем платёж…",
      "Оплата прошла успешно",
      "Платёж не прошёл",
      "Ошибка интернет-соединения. Попробуйте ещё раз",
      "Ошибка на стороне сервера. Попробуйте позже",
    ]);
  });

  test("insert a value unchanged, a dollar sign too", () => {
    expect(interpolate("Pay {amount}", "$& $1,234")).toBe("Pay $& $1,234");
    expect(interpolate("{last4} аяқталатын карта", "4242")).toBe("4242 аяқталатын карта");
  });
});

describe("the language", () => {
  test.each([
    [["kk"], "kk"],
    [["kz"], "kk"],
    [["KK-Cyrl-KZ"], "kk"],
    [["ru_RU"], "ru"],
    [["en-GB"], "en"],
    [[null, undefined, "", "de", "en-US", "ru"], "en"],
    [["de", "fr"], "ru"],
    [[], "ru"],
    [["kky", "english"], "ru"],
  ] as const)("for %j is %s", (wishes, locale) => {
    expect(chooseLocale(wishes)).toBe(locale);
  });
});
