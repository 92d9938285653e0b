/**
 * The words of a profile id: one table, used by the code and by the documentation (`README.md` beside this file shows
 * it, and a test holds the two together).
 */

import { CALLBACK_WORDS } from "./callback-words.ts";
import type { Fault, SpoiledAnswer } from "./fault.ts";
import type { PlannedStep } from "./plan.ts";
import type { Word } from "./script.ts";
import { PREFIXES } from "./script.ts";

const seconds = (argument: string): number => Number(argument);

/** A fault in two tempers: its argument may end with `before` or `after`, and begins with what the answer is about. */
function spoils(
  answer: (argument: string) => SpoiledAnswer,
  otherwise: "before" | "after" = "before",
): (argument: string) => { readonly fault: Fault } {
  return (argument) => {
    const when = /(?:before|after)$/.exec(argument)?.[0] ?? otherwise;
    const spoiled = answer(argument.replace(/-?(?:before|after)$/, ""));
    return { fault: when === "after" ? { answer: spoiled } : { acts: false, answer: spoiled } };
  };
}

const code = (argument: string): SpoiledAnswer => ({ httpStatus: 200, code: argument });

function status(argument: string): SpoiledAnswer {
  const [httpStatus = "", detail] = argument.split("-");
  const json: Readonly<Record<string, string>> = { "401": "1100", "422": "9403" };
  const errorCode = httpStatus === "429" ? undefined : (detail ?? json[httpStatus]);
  return {
    httpStatus: Number(httpStatus),
    ...(errorCode === undefined ? {} : { code: errorCode }),
    ...(httpStatus === "429" && detail !== undefined ? { retryAfter: Number(detail) } : {}),
  };
}

/** A number that may be left out. */
const orElse = (argument: string, otherwise: number): number => (argument === "" ? otherwise : Number(argument));

/** Every word that a profile id can be made of. In each pattern the first group is the argument. */
export const WORDS: readonly Word[] = [
  {
    form: "pays",
    about: "outcome",
    meaning: "Pays at once, or is held when `auto_clearing` is false. The same as no word at all.",
    examples: ["pays"],
    pattern: /^pays()$/,
    script: () => ({}),
  },
  {
    form: "later-N",
    about: "outcome",
    meaning: "Is `process` for N seconds; then whatever the other words say.",
    examples: ["later-5"],
    pattern: /^later-(\d{1,6})$/,
    script: (argument) => ({ later: seconds(argument) }),
  },
  {
    form: "decline-CODE",
    about: "outcome",
    meaning: "Is declined with this code: a payment id, status `error`.",
    examples: ["decline-10009", "decline-10017", "decline-11070"],
    pattern: /^decline-(\d{4,5})$/,
    script: (argument) => ({ outcome: [{ after: 0, does: "declines", code: argument }] }),
  },
  {
    form: "refuse-CODE",
    about: "outcome",
    meaning: "No payment is made, ever: a bare error with this code under HTTP 200.",
    examples: ["refuse-11070", "refuse-9992"],
    pattern: /^refuse-(\d{4,5})$/,
    script: (argument) => ({ strikes: [{ on: "create", nth: null, fault: { refuses: { code: argument } } }] }),
  },
  {
    form: "never",
    about: "outcome",
    meaning: "Stays `process` for good.",
    examples: ["never"],
    pattern: /^never()$/,
    script: () => ({ outcome: [{ after: 0, does: "waits" }] }),
  },
  {
    form: "waiting_3ds[-N]",
    about: "outcome",
    meaning: "Is `waiting_3ds`, for good or for N seconds, after which it pays.",
    examples: ["waiting_3ds", "waiting_3ds-20"],
    pattern: /^waiting_3ds(?:-(\d{1,6}))?$/,
    script: (argument) => ({ outcome: waits("waiting_3ds", argument) }),
  },
  {
    form: "unknown-word[-N]",
    about: "outcome",
    meaning: "Shows a status word that nobody has published, for good or for N seconds, after which it pays.",
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
    meaning: "Is held, but the word is `success`; only `clearing.cleared` is false.",
    examples: ["hold-as-success"],
    pattern: /^hold-as-success()$/,
    script: () => ({ outcome: [{ after: 0, does: "holds", status: "success" }] }),
  },
  {
    form: "amount-wrong",
    about: "outcome",
    meaning: "Takes one unit of the currency more than was asked for, and says so.",
    examples: ["amount-wrong"],
    pattern: /^amount-wrong()$/,
    script: () => ({ takesMore: 100 }),
  },
  {
    form: "old-paid[-N]",
    about: "outcome",
    meaning: "The order_id has a payment already, N days old (default 30), paid. Nothing new is taken.",
    examples: ["old-paid", "old-paid-400"],
    pattern: /^old-paid(?:-(\d{1,4}))?$/,
    script: (argument) => ({ old: { days: orElse(argument, 30), does: "pays" } }),
  },
  {
    form: "old-declined[-N]",
    about: "outcome",
    meaning: "The order_id has a payment already, N days old (default 30), declined. Nothing new is taken.",
    examples: ["old-declined"],
    pattern: /^old-declined(?:-(\d{1,4}))?$/,
    script: (argument) => ({ old: { days: orElse(argument, 30), does: "declines" } }),
  },
  {
    form: "amount-text",
    about: "answers",
    meaning: 'Amounts are written as strings: `"100"`.',
    examples: ["amount-text"],
    pattern: /^amount-text()$/,
    script: () => ({ shows: { amount: "text" } }),
  },
  {
    form: "id-number",
    about: "answers",
    meaning: "Payment ids are written as JSON numbers.",
    examples: ["id-number"],
    pattern: /^id-number()$/,
    script: () => ({ shows: { id: "number" } }),
  },
  {
    form: "sparse",
    about: "answers",
    meaning: "A read gives id, order_id (a decline: not even that), status and amount, and nothing else.",
    examples: ["sparse"],
    pattern: /^sparse()$/,
    script: () => ({ shows: { sparse: true } }),
  },
  {
    form: "full",
    about: "answers",
    meaning:
      "A read gives what the official samples leave out as well: order_id of a decline, `from.recurrent`, currency, clearing, lists without rows.",
    examples: ["full"],
    pattern: /^full()$/,
    script: () => ({ shows: { full: true } }),
  },
  {
    form: "lost-before · lost-after",
    about: "fault",
    meaning: "The connection breaks: before the gateway acts, so that it knows nothing; or after, so that only the answer is lost.",
    examples: ["lost-before", "lost-after"],
    pattern: /^lost-(before|after)$/,
    script: spoils(() => "lost"),
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
    meaning: "The connection breaks, and N seconds later the gateway acts after all (or sooner, if the call is sent again).",
    examples: ["accepted-late-20"],
    pattern: /^accepted-late-(\d{1,6})$/,
    script: (argument) => ({ fault: { actsAfter: seconds(argument) } }),
  },
  {
    form: "truncated",
    about: "fault",
    meaning: "Acts; a whole HTTP answer, whose JSON stops half-way.",
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
    meaning: "`{}` under HTTP 200, without having acted or after it (default).",
    examples: ["empty", "empty-before"],
    pattern: /^empty(?:-(before|after))?$/,
    script: spoils(() => "empty", "after"),
  },
  {
    form: "html[-before|-after]",
    about: "fault",
    meaning: "A firewall's HTML page under HTTP 403, without having acted (default) or after it.",
    examples: ["html", "html-after"],
    pattern: /^html(?:-(before|after))?$/,
    script: spoils(() => "html"),
  },
  {
    form: "http-STATUS[-CODE][-before|-after]",
    about: "fault",
    meaning:
      "That HTTP status (300 to 599), without having acted (default) or after it. A JSON error with CODE; 401 has 1100 and 422 has 9403 by themselves; else HTML. For 429 the number is Retry-After in seconds.",
    examples: ["http-401", "http-422", "http-429-7", "http-500", "http-502-after", "http-403-9999", "http-302"],
    pattern: /^http-([345]\d\d(?:-\d{1,5})?(?:-(?:before|after))?)$/,
    script: spoils(status),
  },
  {
    form: "error-CODE[-before|-after]",
    about: "fault",
    meaning: "A bare JSON error with this code under HTTP 200, without having acted (default) or after it; not remembered.",
    examples: ["error-9999", "error-10045-after"],
    pattern: /^error-(\d{4,5}(?:-(?:before|after))?)$/,
    script: spoils(code),
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
    meaning: "Every read, of the payment and of the request, shows how things were N seconds ago.",
    examples: ["lag-10"],
    pattern: /^lag-(\d{1,6})$/,
    script: (argument) => ({ lag: seconds(argument) }),
  },
  {
    form: "backwards",
    about: "reads",
    meaning: "The second read of the payment after its outcome shows how it began; the next one the truth again.",
    examples: ["backwards"],
    pattern: /^backwards()$/,
    script: () => ({ backwards: true }),
  },
  {
    form: "rows-later-N",
    about: "edits",
    meaning: "Clearing, reverse and refund stay under way for N seconds (default 2).",
    examples: ["rows-later-30"],
    pattern: /^rows-later-(\d{1,6})$/,
    script: (argument) => ({ edits: { settleAfter: seconds(argument) } }),
  },
  {
    form: "rows-fail",
    about: "edits",
    meaning: "Clearing, reverse and refund are accepted and come to nothing: their rows end as `error`.",
    examples: ["rows-fail"],
    pattern: /^rows-fail()$/,
    script: () => ({ edits: { end: "error" } }),
  },
  {
    form: "cabinet-refund-N",
    about: "edits",
    meaning: "N seconds after the payment was accepted somebody refunds all that is left in the merchant's cabinet.",
    examples: ["cabinet-refund-20"],
    pattern: /^cabinet-refund-(\d{1,6})$/,
    script: (argument) => ({ refundInCabinet: seconds(argument) }),
  },
  ...CALLBACK_WORDS,
];

function waits(shown: string, argument: string): readonly PlannedStep[] {
  const waiting: PlannedStep = { after: 0, does: "waits", status: shown };
  return argument === "" ? [waiting] : [waiting, { after: seconds(argument), does: "pays" }];
}

const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

/** Both tables in Markdown, as `README.md` shows them. */
export function wordsAsMarkdown(): string {
  const words = WORDS.map((word) =>
    row([
      word.form
        .split(" · ")
        .map((form) => `\`${form.replaceAll("|", "\\|")}\``)
        .join(" · "),
      word.about,
      word.meaning,
    ]),
  );
  const prefixes = PREFIXES.map(({ prefix, meaning }) => row([prefix === "" ? "(none)" : `\`${prefix}\``, meaning]));
  return [
    row(["word", "about", "what happens"]),
    "|---|---|---|",
    ...words,
    "",
    row(["before a fault", "it strikes"]),
    "|---|---|",
    ...prefixes,
  ].join("\n");
}
