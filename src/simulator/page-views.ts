/** What a payment page shows: its form, the 3-D Secure step, or a message. */

import { amountText } from "./merchant-answers.ts";
import { formToken, pagePath } from "./page-address.ts";
import { PAGE_CARDS, PAGE_OUTCOMES } from "./page-form.ts";
import { escapeHtml, pageReply } from "./page-layout.ts";
import { returnControl, returnFrom } from "./page-return.ts";
import { maskOfCard } from "./page-try.ts";
import type { PageLanguage, PageMessage } from "./page-words.ts";
import { reasonOf, WORDS } from "./page-words.ts";
import type { PageCard, SimulatedPage } from "./page.ts";
import type { Reply } from "./state.ts";

/** A page and the merchant's key that its address and its form are made from. */
export interface OpenedView {
  readonly page: SimulatedPage;
  readonly secretKey: string;
}

const BRANDS: Readonly<Record<PageCard, string>> = { visa: "Visa", mastercard: "Mastercard", amex: "American Express" };

const messageLine = (language: PageLanguage, message: PageMessage): string => `<p role="status">${WORDS[language].messages[message]}</p>`;

function paymentLines({ parsed }: SimulatedPage): string {
  const { labels } = WORDS[parsed.language];
  const { orderId, description, minor, currency } = parsed.create;
  const lines = [
    [labels.order, orderId],
    [labels.description, description],
    [labels.amount, `${amountText(minor)} ${currency}`],
  ].map(([name = "", value = ""]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`);
  return `<dl>${lines.join("")}</dl>`;
}

const radio = (name: string, value: string, label: string, isChecked: boolean): string =>
  `<label><input type="radio" name="${name}" value="${value}"${isChecked ? " checked" : ""}> ${label}</label>`;

const fieldset = (legend: string, fields: readonly string[]): string =>
  `<fieldset><legend>${legend}</legend>${fields.join("\n")}</fieldset>`;

function form({ page, secretKey }: OpenedView, content: string): string {
  const token = `<input type="hidden" name="form" value="${formToken(page, secretKey)}">`;
  return `<form method="post" action="${escapeHtml(pagePath(page.id, secretKey))}">${token}\n${content}</form>`;
}

const buttons = (first: readonly [string, string], second: readonly [string, string]): string =>
  `<p class="buttons"><button class="first" name="step" value="${first[0]}">${first[1]}</button>
<button name="step" value="${second[0]}">${second[1]}</button></p>`;

/**
 * The form of a page that can be paid.
 *
 * @param code - the last try's error.
 * @param keywords - the keywords of the shop's user: they count unless the shopper chooses otherwise.
 */
export function formView(view: OpenedView, code: string | null, keywords: string): Reply {
  const { parsed } = view.page;
  const { language } = parsed;
  const { labels } = WORDS[language];
  const declined = code === null ? "" : `${messageLine(language, "declined")}<p>${reasonOf(language, code)}</p>`;
  const cards = PAGE_CARDS.map((card) => radio("card", card, `${BRANDS[card]} •${maskOfCard(card).slice(-4)}`, card === PAGE_CARDS[0]));
  const told = keywords === "" ? [] : [radio("outcome", "", `${labels.asTold} <code>${escapeHtml(keywords)}</code>`, true)];
  const outcomes = PAGE_OUTCOMES.map((outcome, at) => radio("outcome", outcome, labels[outcome], keywords === "" && at === 0));
  const saved = parsed.create.source.lifetime === null ? "" : `<p>${labels.saved}</p>`;
  const input = `<input type="text" name="keywords" maxlength="200" autocomplete="off" autocapitalize="none" spellcheck="false">`;
  const content = [
    fieldset(labels.card, cards),
    saved,
    fieldset(labels.outcome, [...told, ...outcomes]),
    `<p><label>${labels.keywords}${input}</label></p>`,
    buttons(["pay", labels.pay], ["leave", labels.leave]),
  ];
  return pageReply(200, language, `${declined}${paymentLines(view.page)}\n${form(view, content.join("\n"))}`);
}

/** The 3-D Secure step. */
export function secureView(view: OpenedView): Reply {
  const { language } = view.page.parsed;
  const { labels } = WORDS[language];
  const content = buttons(["confirm", labels.confirm], ["refuse", labels.refuse]);
  return pageReply(200, language, `${messageLine(language, "secure")}${paymentLines(view.page)}\n${form(view, content)}`);
}

/** The address to which each message returns. Without one the page is shown again. */
const RETURNS: Readonly<Partial<Record<PageMessage, "success" | "failure">>> = {
  processing: "success",
  paid: "success",
  closed: "failure",
};

/**
 * A message about a page, with a way back to the shop or to the page.
 *
 * @param to - the address of the shop, where the message has none of its own.
 */
export function messageView(view: OpenedView, httpStatus: number, message: PageMessage, to = RETURNS[message]): Reply {
  const { page, secretKey } = view;
  const { language } = page.parsed;
  const back = to === undefined ? null : returnFrom(page, to, secretKey);
  const again = `<p><a class="button" href="${escapeHtml(pagePath(page.id, secretKey))}">${WORDS[language].labels.again}</a></p>`;
  const control = back !== null ? returnControl(page, back) : to === undefined ? again : "";
  return pageReply(httpStatus, language, `${messageLine(language, message)}${paymentLines(page)}\n${control}`);
}

/** A message where there is no page. */
export const strayView = (httpStatus: number, language: PageLanguage, message: PageMessage): Reply =>
  pageReply(httpStatus, language, messageLine(language, message));
