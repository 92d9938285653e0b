/** The keywords about callbacks: a part of the table in `keywords.ts`. */

import type { CallbackFormat } from "./plan.ts";
import type { Keyword } from "./script.ts";

/** The rows, as in `KEYWORDS`. */
export const CALLBACK_KEYWORDS: readonly Keyword[] = [
  {
    form: "callbacks-none",
    about: "callbacks",
    meaning: "`result_url` is never called.",
    examples: ["callbacks-none"],
    pattern: /^callbacks-none()$/,
    script: () => ({ callbacks: { results: 0 } }),
  },
  {
    form: "callbacks-N",
    about: "callbacks",
    meaning: "`result_url` is called N times, 1 to 99.",
    examples: ["callbacks-20"],
    pattern: /^callbacks-([1-9]\d?)$/,
    script: (argument) => ({ callbacks: { results: Number(argument) } }),
  },
  {
    form: "callbacks-late-N",
    about: "callbacks",
    meaning: "`result_url` is called N seconds after the outcome.",
    examples: ["callbacks-late-60"],
    pattern: /^callbacks-late-(\d{1,6})$/,
    script: (argument) => ({ callbacks: { after: Number(argument) } }),
  },
  {
    form: "callbacks-early",
    about: "callbacks",
    meaning: "`result_url` is called once more immediately, before a read shows the outcome.",
    examples: ["callbacks-early"],
    pattern: /^callbacks-early()$/,
    script: () => ({ callbacks: { early: true } }),
  },
  {
    form: "callbacks-forged",
    about: "callbacks",
    meaning: "Somebody else also calls `result_url`, with the opposite outcome and a payment id that does not exist.",
    examples: ["callbacks-forged"],
    pattern: /^callbacks-forged()$/,
    script: () => ({ callbacks: { forged: true } }),
  },
  {
    form: "callbacks-replayed",
    about: "callbacks",
    meaning: "Somebody else sends each result again after it was answered, byte for byte.",
    examples: ["callbacks-replayed"],
    pattern: /^callbacks-replayed()$/,
    script: () => ({ callbacks: { replayed: true } }),
  },
  {
    form: "callbacks-amount-wrong",
    about: "callbacks",
    meaning: "`result_url` is called with one unit of the currency more than was paid, and a right signature.",
    examples: ["callbacks-amount-wrong"],
    pattern: /^callbacks-amount-wrong()$/,
    script: () => ({ callbacks: { wrongAmount: true } }),
  },
  {
    form: "callbacks-form · callbacks-get · callbacks-xml · callbacks-xml-raw · callbacks-xml-body · callbacks-json",
    about: "callbacks",
    meaning:
      "Callbacks have this format, whatever the option says: a POST form, a GET with the fields in the query, XML in the form field `pg_xml`, the same without percent-encoding, XML as the body, JSON.",
    examples: ["callbacks-form", "callbacks-get", "callbacks-xml", "callbacks-xml-raw", "callbacks-xml-body", "callbacks-json"],
    pattern: /^callbacks-(form|get|xml|xml-raw|xml-body|json)$/,
    script: (argument) => ({ callbacks: { format: argument as CallbackFormat } }),
  },
  {
    form: "callbacks-blanks",
    about: "callbacks",
    meaning: "Members without a value are sent empty, the currency included: `pg_currency=`.",
    examples: ["callbacks-blanks"],
    pattern: /^callbacks-blanks()$/,
    script: () => ({ callbacks: { blanks: true } }),
  },
  {
    form: "callbacks-final",
    about: "callbacks",
    meaning: "`result_url` is called with `pg_can_reject=0`: an answer `rejected` returns no money.",
    examples: ["callbacks-final"],
    pattern: /^callbacks-final()$/,
    script: () => ({ callbacks: { canReject: false } }),
  },
  {
    form: "check-strict",
    about: "callbacks",
    meaning: "A missing or unreadable answer from `check_url` declines the payment, as a refusal does.",
    examples: ["check-strict"],
    pattern: /^check-strict()$/,
    script: () => ({ callbacks: { strictCheck: true } }),
  },
];
