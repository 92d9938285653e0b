/**
 * The hostile inputs, by hand: each line of a file in inputs/ is one idea, with what it must get. The files are checked when they
 * are read, so that a misspelt member is an error and not a test that tests nothing.
 */
import * as v from "valibot";
import { PROBLEMS } from "../../src/lib/problems.ts";
import amountLines from "./inputs/amounts.json" with { type: "json" };
import bodyLines from "./inputs/bodies.json" with { type: "json" };
import callbackLines from "./inputs/callbacks.json" with { type: "json" };
import cardNumberLines from "./inputs/card-numbers.json" with { type: "json" };
import answerLines from "./inputs/gateway-answers.json" with { type: "json" };
import headerLines from "./inputs/headers.json" with { type: "json" };
import keyLines from "./inputs/idempotency-keys.json" with { type: "json" };
import routeLines from "./inputs/routes.json" with { type: "json" };
import settingLines from "./inputs/settings.json" with { type: "json" };
import signatureLines from "./inputs/signatures.json" with { type: "json" };
import ticketLines from "./inputs/tickets.json" with { type: "json" };
import tokenLines from "./inputs/tokens.json" with { type: "json" };
import type { Recipe } from "./recipe.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const piece = v.union([
  v.string(),
  v.strictObject({ times: count, of: v.string() }),
  v.strictObject({ hex: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/)) }),
  v.strictObject({ codeUnit: count }),
  v.strictObject({ good: v.literal(true) }),
]);
const recipe: v.GenericSchema<unknown, Recipe> = v.union([v.string(), v.array(piece)]);
const name = v.pipe(v.string(), v.minLength(1));
const problemCode = v.picklist(Object.keys(PROBLEMS) as (keyof typeof PROBLEMS)[]);
const headers = v.record(v.string(), v.nullable(recipe));
// Not v.record: it leaves out the very members that an attacker adds.
const members = v.custom<Readonly<Record<string, unknown>>>((value) => typeof value === "object" && value !== null);
const hash = v.picklist(["SHA-256", "SHA-384", "SHA-512"]);

function linesOf<Output>(schema: v.GenericSchema<unknown, Output>, lines: unknown): readonly Output[] {
  return v.parse(v.array(schema), lines);
}

/** Charge tokens: how each differs from a good one, and the code it gets from `openChargeToken` and over HTTP. */
export const tokens = linesOf(
  v.strictObject({
    name,
    input: v.strictObject({
      header: v.optional(recipe),
      claims: v.optional(members),
      charge: v.optional(members),
      without: v.optional(v.array(v.string())),
      swap: v.optional(v.array(v.tuple([v.string(), v.string()]))),
      payload: v.optional(recipe),
      key: v.optional(v.string()),
      hash: v.optional(hash),
      token: v.optional(v.string()),
    }),
    gets: v.nullable(v.picklist(["token_invalid", "token_expired"])),
    /** The problem over HTTP, where it is another one; null where the input cannot be sent. */
    overHttp: v.optional(v.nullable(problemCode)),
  }),
  tokenLines,
);

/** Amounts: their exact minor units or null, and whether they may be charged. */
export const amounts = linesOf(
  v.strictObject({ name, input: v.unknown(), gets: v.nullable(v.number()), chargeable: v.boolean() }),
  amountLines,
);

/** Texts that may hold a card number. */
export const cardNumbers = linesOf(
  v.strictObject({ name, input: recipe, gets: v.nullable(v.literal("card_number_found")) }),
  cardNumberLines,
);

/** Idempotency-Key headers. `key` is what a good one is read as. */
export const idempotencyKeys = linesOf(
  v.strictObject({
    name,
    input: v.nullable(recipe),
    gets: v.nullable(v.picklist(["idempotency_key_missing", "idempotency_key_invalid"])),
    key: v.optional(recipe),
    overHttp: v.optional(v.null()),
  }),
  keyLines,
);

/** Methods and addresses. `as` is the caller (default: a shopper with a valid token). */
export const routes = linesOf(
  v.strictObject({
    name,
    input: v.strictObject({
      method: v.string(),
      path: recipe,
      as: v.optional(v.picklist(["shopper", "merchant", "nobody"])),
      headers: v.optional(headers),
    }),
    gets: problemCode,
  }),
  routeLines,
);

/** Headers of a shopper's good POST, some of them changed. */
export const headerTricks = linesOf(v.strictObject({ name, input: headers, gets: problemCode }), headerLines);

/** Bodies of the merchant's POSTs: a recipe, or the good body with parts replaced. */
export const bodies = linesOf(
  v.strictObject({
    name,
    to: v.picklist(["charges", "clearing", "refund", "reverse", "close", "resolve"]),
    input: v.optional(recipe),
    swap: v.optional(v.array(v.tuple([v.string(), recipe]))),
    /** Filled with spaces to this many bytes. */
    fill: v.optional(count),
    /** Sent in this many pieces, with no length but the one that `headers` tells. */
    pieces: v.optional(count),
    /** The last piece never comes. */
    breaks: v.optional(v.literal(true)),
    headers: v.optional(v.record(v.string(), v.string())),
    gets: v.nullable(v.picklist(["body_invalid", "body_too_large"])),
  }),
  bodyLines,
);

/** Callbacks for order 1234, 10 KZT, payment 77: what they are read as, and how a check is answered. */
export const callbacks = linesOf(
  v.strictObject({
    name,
    method: v.optional(v.literal("GET")),
    contentType: v.nullable(v.string()),
    input: recipe,
    query: v.optional(recipe, ""),
    gets: v.union([
      v.literal("body_too_large"),
      v.strictObject({
        shape: v.picklist(["json", "form", "xml", "empty"]),
        orderId: v.optional(recipe),
        paymentId: v.optional(v.string()),
        amount: v.optional(v.union([v.string(), v.number()])),
        currency: v.optional(v.string()),
        answer: v.picklist(["ok", "rejected"]),
      }),
    ]),
  }),
  callbackLines,
);

/** Answers of the gateway: the kind of outcome, and its reason, code and category, or what was understood. */
export const gatewayAnswers = linesOf(
  v.strictObject({
    name,
    action: v.picklist(["create", "paymentStatus", "requestStatus", "refund"]),
    status: v.optional(count, 200),
    headers: v.optional(v.record(v.string(), v.string()), {}),
    input: v.nullable(recipe),
    gets: v.union([
      v.strictTuple([v.literal("unknown"), v.string()]),
      v.strictTuple([v.literal("unknown"), v.string(), v.nullable(v.number())]),
      v.strictTuple([v.literal("refused"), v.string(), v.string()]),
      v.strictTuple([v.literal("answered"), members]),
    ]),
  }),
  answerLines,
);

/** One setting each, in an environment that is whole without it: why it is a fault, or null. `at` is where the fault is named. */
export const settings = linesOf(
  v.strictObject({ name, setting: v.string(), input: v.unknown(), gets: v.nullable(v.string()), at: v.optional(v.string()) }),
  settingLines,
);

/** Tickets of callbacks, made from a good one's parts. */
export const tickets = linesOf(
  v.strictObject({ name, input: recipe, key: v.optional(v.string()), gets: v.nullable(v.string()), overHttp: v.optional(problemCode) }),
  ticketLines,
);

/** Detached signatures: how each differs from a good one. */
export const signatures = linesOf(
  v.strictObject({
    name,
    input: v.strictObject({
      header: v.optional(recipe),
      swap: v.optional(v.array(v.tuple([v.string(), v.string()]))),
      key: v.optional(v.string()),
      keyHex: v.optional(v.string()),
      hash: v.optional(hash),
      received: v.optional(v.string()),
      token: v.optional(recipe),
    }),
    gets: v.nullable(v.literal("signature_invalid")),
  }),
  signatureLines,
);

/** Every file of inputs, by its name. */
export const ALL: Readonly<Record<string, readonly { readonly name: string }[]>> = {
  tokens,
  amounts,
  cardNumbers,
  idempotencyKeys,
  routes,
  headerTricks,
  bodies,
  callbacks,
  gatewayAnswers,
  settings,
  tickets,
  signatures,
};
