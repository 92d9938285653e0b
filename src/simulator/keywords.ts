/**
 * The keywords of a profile id. The code and the documentation use this one table: a test compares it with `README.md`
 * in this folder.
 */

import { CALLBACK_KEYWORDS } from "./callback-keywords.ts";
import { PAGE_KEYWORDS } from "./page-keywords.ts";
import type { Fault, FaultyAnswer } from "./fault.ts";
import type { PlannedStep } from "./plan.ts";
import type { Keyword } from "./script.ts";
import { PREFIXES } from "./script.ts";

const seconds = (argument: string): number => Number(argument);

/** A fault before or after the gateway acts: its argument may end with `before` or `after`; the rest describes the answer. */
function answersWith(
  answer: (argument: string) => FaultyAnswer,
  otherwise: "before" | "after" = "before",
): (argument: string) => { readonly fault: Fault } {
  return (argument) => {
    const when = /(?:before|after)$/.exec(argument)?.[0] ?? otherwise;
    const faulty = answer(argument.replace(/-?(?:before|after)$/, ""));
    return { fault: when === "after" ? { answer: faulty } : { acts: false, answer: faulty } };
  };
}

const code = (argument: string): FaultyAnswer => ({ httpStatus: 200, code: argument });

function status(argument: string): FaultyAnswer {
  const [httpStatus = "", detail] = argument.split("-");
  const json: Readonly<Record<string, string>> = { "401": "1100", "422": "9403" };
  const errorCode = httpStatus === "429" ? undefined : (detail ?? json[httpStatus]);
  return {
    httpStatus: Number(httpStatus),
    ...(errorCode === undefined ? {} : { code: errorCode }),
    ...(httpStatus === "429" && detail !== undefined ? { retryAfter: Number(detail) } : {}),
  };
}

/** An optional number. */
const orElse = (argument: string, otherwise: number): number => (argument === "" ? otherwise : Number(argument));

/** Every keyword. The first group of each pattern is the argument. */
export const KEYWORDS: readonly Keyword[] = [
  {
    form: "pays",
    about: "outcome",
    meaning: "Pays at once, or is held when `auto_clearing` is false. The same as no keyword.",
    examples: ["pays"],
    pattern: /^pays()$/,
    script: () => ({ outcome: [{ after: 0, does: "pays" }] }),
  },
  {
    form: "later-N",
    about: "outcome",
    meaning: "Is `process` for N seconds; then the other keywords decide.",
    examples: ["later-5"],
    pattern: /^later-(\d{1,6})$/,
    script: (argument) => ({ later: seconds(argument) }),
  },
  {
    form: "decline-CODE",
    about: "outcome",
    meaning: "Is declined with this code: the answer has a payment id and status `error`.",
    examples: ["decline-10009", "decline-10017", "decline-11070"],
    pattern: /^decline-(\d{4,5})$/,
    script: (argument) => ({ outcome: [{ after: 0, does: "declines", code: argument }] }),
  },
  {
    form: "refuse-CODE",
    about: "outcome",
    meaning: "No payment is ever made: the answer is an error with this code and no payment id, under HTTP 200.",
    examples: ["refuse-11070", "refuse-9992"],
    pattern: /^refuse-(\d{4,5})$/,
    script: (argument) => ({ faultRules: [{ on: "create", nth: null, fault: { refuses: { code: argument } } }] }),
  },
  {
    form: "never",
    about: "outcome",
    meaning: "Stays `process` forever.",
    examples: ["never"],
    pattern: /^never()$/,
    script: () => ({ outcome: [{ after: 0, does: "waits" }] }),
  },
  {
    form: "waiting_3ds[-N]",
    about: "outcome",
    meaning: "Is `waiting_3ds`, forever or for N seconds; then it pays.",
    examples: ["waiting_3ds", "waiting_3ds-20"],
    pattern: /^waiting_3ds(?:-(\d{1,6}))?$/,
    script: (argument) => ({ outcome: waits("waiting_3ds", argument) }),
  },
  {
    form: "unknown-word[-N]",
    about: "outcome",
    meaning: "Shows an unpublished status, forever or for N seconds; then it pays.",
    examples: ["unknown-word", "unknown-word-20"],
    pattern: /^unknown-word(?:-(\d{1,6}))?$/,
    script: (argument) => ({ outcome: waits("under_review", argument) }),
  },
  {
    form: "hold",
    about: "outcome",
    meaning: "Is held (`approved`) even when `auto_clearing` is true.",
    examples: ["hold"],
    pattern: /^hold()$/,
    script: () => ({ outcome: [{ after: 0, does: "holds" }] }),
  },
  {
    form: "hold-as-success",
    about: "outcome",
    meaning: "Is held, but the status is `success`; only `clearing.cleared` is false.",
    examples: ["hold-as-success"],
    pattern: /^hold-as-success()$/,
    script: () => ({ outcome: [{ after: 0, does: "holds", status: "success" }] }),
  },
  {
    form: "amount-wrong",
    about: "outcome",
    meaning: "Takes one unit of the currency more than requested, and shows that amount.",
    examples: ["amount-wrong"],
    pattern: /^amount-wrong()$/,
    script: () => ({ takesMore: 100 }),
  },
  {
    form: "old-paid[-N]",
    about: "outcome",
    meaning: "The order_id already has a payment, N days old (default 30), paid. Nothing new is taken.",
    examples: ["old-paid", "old-paid-400"],
    pattern: /^old-paid(?:-(\d{1,4}))?$/,
    script: (argument) => ({ old: { days: orElse(argument, 30), does: "pays" } }),
  },
  {
    form: "old-declined[-N]",
    about: "outcome",
    meaning: "The order_id already has a payment, N days old (default 30), declined. Nothing new is taken.",
    examples: ["old-declined"],
    pattern: /^old-declined(?:-(\d{1,4}))?$/,
    script: (argument) => ({ old: { days: orElse(argument, 30), does: "declines" } }),
  },
  {
    form: "amount-text",
    about: "answers",
    meaning: 'Amounts are strings: `"100"`.',
    examples: ["amount-text"],
    pattern: /^amount-text()$/,
    script: () => ({ shows: { amount: "text" } }),
  },
  {
    form: "id-number",
    about: "answers",
    meaning: "Payment ids are JSON numbers.",
    examples: ["id-number"],
    pattern: /^id-number()$/,
    script: () => ({ shows: { id: "number" } }),
  },
  {
    form: "sparse",
    about: "answers",
    meaning: "A read has only id, order_id (except for a decline), status and amount.",
    examples: ["sparse"],
    pattern: /^sparse()$/,
    script: () => ({ shows: { sparse: true } }),
  },
  {
    form: "full",
    about: "answers",
    meaning:
      "A read also has what the official samples leave out: order_id of a decline, `from.recurrent`, currency, clearing, empty lists.",
    examples: ["full"],
    pattern: /^full()$/,
    script: () => ({ shows: { full: true } }),
  },
  {
    form: "lost-before · lost-after",
    about: "fault",
    meaning: "The connection breaks. With `before` the gateway has not acted; with `after` only the answer is lost.",
    examples: ["lost-before", "lost-after"],
    pattern: /^lost-(before|after)$/,
    script: answersWith(() => "lost"),
  },
  {
    form: "late-N",
    about: "fault",
    meaning: "The gateway acts at once and answers N seconds later.",
    examples: ["late-30"],
    pattern: /^late-(\d{1,6})$/,
    script: (argument) => ({ fault: { answersAfter: seconds(argument) } }),
  },
  {
    form: "accepted-late-N",
    about: "fault",
    meaning: "The connection breaks. N seconds later the gateway acts, or earlier if the call is sent again.",
    examples: ["accepted-late-20"],
    pattern: /^accepted-late-(\d{1,6})$/,
    script: (argument) => ({ fault: { actsAfter: seconds(argument) } }),
  },
  {
    form: "truncated",
    about: "fault",
    meaning: "Acts; the HTTP answer is complete, but its JSON stops half-way.",
    examples: ["truncated"],
    pattern: /^truncated()$/,
    script: () => ({ fault: { answer: "truncated" } }),
  },
  {
    form: "cut",
    about: "fault",
    meaning: "Acts; the connection breaks in the middle of the answer's body.",
    examples: ["cut"],
    pattern: /^cut()$/,
    script: () => ({ fault: { answer: "cut" } }),
  },
  {
    form: "empty[-before|-after]",
    about: "fault",
    meaning: "`{}` under HTTP 200, before or after (default) the gateway acts.",
    examples: ["empty", "empty-before"],
    pattern: /^empty(?:-(before|after))?$/,
    script: answersWith(() => "empty", "after"),
  },
  {
    form: "html[-before|-after]",
    about: "fault",
    meaning: "A firewall's HTML page under HTTP 403, before (default) or after the gateway acts.",
    examples: ["html", "html-after"],
    pattern: /^html(?:-(before|after))?$/,
    script: answersWith(() => "html"),
  },
  {
    form: "http-STATUS[-CODE][-before|-after]",
    about: "fault",
    meaning:
      "This HTTP status (300 to 599), before (default) or after the gateway acts. With CODE the body is a JSON error; 401 has code 1100 and 422 has 9403 by default; otherwise it is HTML. For 429 the number is Retry-After in seconds.",
    examples: ["http-401", "http-422", "http-429-7", "http-500", "http-502-after", "http-403-9999", "http-302"],
    pattern: /^http-([345]\d\d(?:-\d{1,5})?(?:-(?:before|after))?)$/,
    script: answersWith(status),
  },
  {
    form: "error-CODE[-before|-after]",
    about: "fault",
    meaning:
      "A JSON error with this code and no payment id, under HTTP 200, before (default) or after the gateway acts. The gateway does not remember it.",
    examples: ["error-9999", "error-10045-after"],
    pattern: /^error-(\d{4,5}(?:-(?:before|after))?)$/,
    script: answersWith(code),
  },
  {
    form: "duplicate",
    about: "fault",
    meaning: "Acts, and answers with the error 9991 (duplicate) under HTTP 200.",
    examples: ["duplicate"],
    pattern: /^duplicate()$/,
    script: () => ({ fault: { answer: code("9991") } }),
  },
  {
    form: "lag-N",
    about: "reads",
    meaning: "Every read, of the payment and of the request, shows the state of N seconds ago.",
    examples: ["lag-10"],
    pattern: /^lag-(\d{1,6})$/,
    script: (argument) => ({ lag: seconds(argument) }),
  },
  {
    form: "backwards",
    about: "reads",
    meaning: "The second read of the payment after its outcome shows `process`; the next one shows the outcome again.",
    examples: ["backwards"],
    pattern: /^backwards()$/,
    script: () => ({ backwards: true }),
  },
  {
    form: "rows-later-N",
    about: "edits",
    meaning: "Clearing, reverse and refund stay `process` for N seconds (default 2).",
    examples: ["rows-later-30"],
    pattern: /^rows-later-(\d{1,6})$/,
    script: (argument) => ({ edits: { settleAfter: seconds(argument) } }),
  },
  {
    form: "rows-fail",
    about: "edits",
    meaning: "Clearing, reverse and refund are accepted and fail: their rows end as `error`.",
    examples: ["rows-fail"],
    pattern: /^rows-fail()$/,
    script: () => ({ edits: { end: "error" } }),
  },
  {
    form: "cabinet-refund-N",
    about: "edits",
    meaning: "N seconds after the payment was accepted somebody refunds the rest in the merchant's cabinet.",
    examples: ["cabinet-refund-20"],
    pattern: /^cabinet-refund-(\d{1,6})$/,
    script: (argument) => ({ refundInCabinet: seconds(argument) }),
  },
  ...CALLBACK_KEYWORDS,
  ...PAGE_KEYWORDS,
];

function waits(shown: string, argument: string): readonly PlannedStep[] {
  const waiting: PlannedStep = { after: 0, does: "waits", status: shown };
  return argument === "" ? [waiting] : [waiting, { after: seconds(argument), does: "pays" }];
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/**
 * Both tables in Markdown, as in `README.md`.
 *
 * @example
 * ```ts
 * import { keywordsAsMarkdown } from "freedom-pay-charge/simulator";
 *
 * console.log(keywordsAsMarkdown());
 * ```
 */
export function keywordsAsMarkdown(): string {
  const keywords = KEYWORDS.map((keyword) =>
    row([
      keyword.form
        .split(" · ")
        .map((form) => `\`${form.replaceAll("|", "\\|")}\``)
        .join(" · "),
      keyword.about,
      keyword.meaning,
    ]),
  );
  const prefixes = PREFIXES.map(({ prefix, meaning }) => row([prefix === "" ? "(none)" : `\`${prefix}\``, meaning]));
  return [
    row(["keyword", "about", "what happens"]),
    "|---|---|---|",
    ...keywords,
    "",
    row(["prefix of a fault", "the call that gets it"]),
    "|---|---|",
    ...prefixes,
  ].join("\n");
}
