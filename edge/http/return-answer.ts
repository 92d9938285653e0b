/** The answers to a browser that comes back from a payment page (P7). */

/** The member of the query that proves to the merchant that this browser came back from this page. */
const CODE_MEMBER = "freedom_pay_return";

const HEADERS = { "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" };

/**
 * Sends the browser to the shop. Nothing that the gateway added is passed on, and no code that a former return left in the shop's address.
 *
 * @param code appended to the query, before the fragment
 */
export function redirectToShop(returnUrl: string, code: string | null): Response {
  const url = new URL(returnUrl);
  // As text, because a parsed query would be written again in another spelling.
  const kept =
    url.search === ""
      ? []
      : url.search
          .slice(1)
          .split("&")
          .filter((member) => !new URLSearchParams(member).has(CODE_MEMBER));
  const query = [...kept, ...(code === null ? [] : [`${CODE_MEMBER}=${code}`])].join("&");
  if (query !== url.search.slice(1)) url.search = query;
  return new Response(null, { status: 303, headers: { ...HEADERS, Location: url.href } });
}

/** The small pages in their languages, by what happened; English is the last. */
const TEXTS = {
  kk: {
    titles: { unknown: "Бұл сілтеме жарамсыз", gone: "Бұл тапсырыстың мерзімі өтті", later: "Қазір дүкенге қайту мүмкін болмады" },
    advice: "Дүкенге оралып, тапсырысты сол жерден қараңыз.",
    adviceLater: "Бір минуттан кейін бетті жаңартыңыз немесе тапсырысты дүкеннен қараңыз.",
  },
  ru: {
    titles: { unknown: "Эта ссылка недействительна", gone: "Срок этого заказа истёк", later: "Сейчас вернуться в магазин не получилось" },
    advice: "Вернитесь в магазин и посмотрите заказ там.",
    adviceLater: "Обновите страницу через минуту или посмотрите заказ в магазине.",
  },
  en: {
    titles: { unknown: "This link is not valid", gone: "This order is too old", later: "The way back to the shop failed just now" },
    advice: "Go back to the shop and look at the order there.",
    adviceLater: "Reload this page in a minute, or look at the order in the shop.",
  },
} as const;

type Language = keyof typeof TEXTS;

/** A small page where there is nothing to return to: 404 for an unknown link, 410 for an order after its retention. */
export function returnProblem(why: "unknown" | "gone", acceptLanguage: string | null): Response {
  return smallPage(why, why === "gone" ? 410 : 404, new Headers(), acceptLanguage);
}

/**
 * A refusal for a browser on its way back, as a small page, because a shopper cannot read a problem of JSON.
 *
 * @param refusal of the edge itself, such as 503: its status and headers stay
 */
export function returnLater(refusal: Response, acceptLanguage: string | null): Response {
  return smallPage("later", refusal.status, new Headers(refusal.headers), acceptLanguage);
}

/** @param headers to be kept; changed */
function smallPage(why: keyof (typeof TEXTS)["en"]["titles"], status: number, headers: Headers, acceptLanguage: string | null): Response {
  const language = languageOf(acceptLanguage);
  const { titles, advice, adviceLater } = TEXTS[language];
  const title = titles[why];
  const html = `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}</style>
<h1>${title}</h1>
<p>${why === "later" ? adviceLater : advice}</p>
</html>
`;
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  headers.set("Content-Type", "text/html; charset=utf-8");
  headers.set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  return new Response(html, { status, headers });
}

/** The first language of the header that the pages have; the aliases are those of the element. */
function languageOf(acceptLanguage: string | null): Language {
  for (const part of (acceptLanguage ?? "").split(",")) {
    const [tag = ""] = part.trim().toLowerCase().split(/[-;]/);
    if (tag === "kk" || tag === "kz") return "kk";
    if (tag === "ru" || tag === "en") return tag;
  }
  return "en";
}
