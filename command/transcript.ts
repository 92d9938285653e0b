/** Calls the gateway and records every exchange: request, answer, and differences from the contract. */
import { writeFile } from "node:fs/promises";
import type { Gateway } from "../src/gateway.ts";
import { callGateway } from "../src/gateway.ts";
import type { Outcome } from "../src/outcome.ts";
import type { UnsignedMerchantCall } from "../src/merchant-api/calls.ts";
import type { MerchantGateway } from "../src/merchant-api/client.ts";
import { callMerchantGateway } from "../src/merchant-api/client.ts";
import type { MerchantOutcome } from "../src/merchant-api/outcome.ts";
import { pathOf } from "../src/merchant-api/paths.ts";
import type { UnsignedCall } from "../src/payment.ts";
import type { RecordedCallback } from "./callback-recorder.ts";

/** One recorded exchange. */
export interface Exchange {
  readonly step: string;
  readonly at: string;
  readonly request: { readonly endpoint: string; readonly action: string; readonly request_id: string; readonly body: unknown };
  /** Null when no answer arrived. */
  readonly answer: { readonly http_status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown } | null;
  readonly milliseconds: number;
  /** The package's classification of the answer. */
  readonly outcome: string;
  readonly differences: readonly string[];
}

/** Compares one answer with the contract, in addition to the general rules. Returns the differences as text. */
export type Compare<Answer> = (outcome: Outcome<Answer>) => readonly string[];

/** The members of an answer that the contract lists, by action. */
const LISTED: Readonly<Record<string, readonly string[]>> = {
  "gateway.payment.create": ["id", "status", "amount", "created_at", "error"],
  "gateway.payment.status": [
    "id",
    "order_id",
    "parent_id",
    "status",
    "amount",
    "created_at",
    "3ds",
    "from",
    "clearing",
    "additional",
    "refund_payments",
    "reverse_payments",
    "error",
  ],
  "gateway.request.status": ["id", "status", "response"],
  "gateway.payment.refund": ["id", "amount", "refund_payment", "error"],
  "gateway.payment.reverse": ["id", "amount", "reverse_payment", "error"],
};

const RECORDED_HEADERS = ["content-type", "date", "retry-after", "server", "x-action", "x-datetime", "x-request-id", "x-request-status"];

/** Members with personal values. Only their form is recorded: digits as 0, letters as x. */
const MASKED: ReadonlySet<string> = new Set(["token", "pan", "approval_code", "reference", "intreference", "acs_url", "name"]);

/** A shorter secret is only redacted where it is the whole text, not inside other text. */
const MIN_SECRET_LENGTH = 6;

/** The gateway by both APIs. */
export interface LiveTestGateways {
  readonly async: Gateway;
  readonly merchant: MerchantGateway;
}

/** The longest XML that is recorded, in characters. */
const MAX_XML = 20_000;

/** Fields of the Merchant API with personal values, and the signature. Only their form is recorded. */
const MASKED_FIELDS = /<(pg_(?:card_\w+|auth_code|reference|intreference|user_\w+|sig))>([^<]*)<\/\1>/g;

function maskedXml(xml: string): string {
  return xml.replaceAll(MASKED_FIELDS, (whole, name: string, value: string) =>
    name === "pg_card_brand" ? whole : `<${name}>${masked(value)}</${name}>`,
  );
}

/** The form of a text: digits as 0, letters as x. */
function masked(text: string): string {
  return text.replaceAll(/[0-9]/g, "0").replaceAll(/\p{L}/gu, "x");
}

/** A fetch that keeps the answer of its only call. */
function recordAnswer(bodyOf: (text: string) => unknown): {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly answer: () => Exchange["answer"];
} {
  let answer: Exchange["answer"] = null;
  return {
    answer: () => answer,
    fetch: async (request) => {
      const response = await fetch(request);
      const text = await response.clone().text();
      const headers = Object.fromEntries([...response.headers].filter(([name]) => RECORDED_HEADERS.includes(name)));
      answer = { http_status: response.status, headers, body: bodyOf(text) };
      return response;
    },
  };
}

/** The transcript of a live test. */
export class Transcript {
  readonly exchanges: Exchange[] = [];
  readonly callbacks: RecordedCallback[] = [];
  /** Differences that are of no single answer. */
  readonly notes: string[] = [];
  readonly #gateways: LiveTestGateways;
  /** Secrets and their placeholders. */
  readonly #secrets: readonly (readonly [value: string, shown: string])[];
  readonly #write: (text: string) => void;

  constructor(gateways: LiveTestGateways, secrets: Readonly<Record<string, string>>, write: (text: string) => void) {
    this.#gateways = gateways;
    // The longest first, because one may contain another.
    const values = Object.entries(secrets).filter(([, value]) => value !== "");
    this.#secrets = values
      .map(([placeholder, value]) => [value, `<${placeholder}>`] as const)
      .toSorted(([one], [other]) => other.length - one.length);
    this.#write = write;
  }

  /** Sends one call and records the exchange. Does not throw when the gateway or the network fails. */
  async send<Answer>(step: string, call: UnsignedCall<Answer>, compare: Compare<Answer> = () => []): Promise<Outcome<Answer>> {
    const { endpoint, name: action } = call.action;
    const request = { endpoint, action, request_id: call.requestId, body: jsonOf(call.body) };
    const recording = recordAnswer((text) => jsonOf(text) ?? text.slice(0, 2000));
    const at = new Date();
    const outcome = await callGateway(this.#gateways.async, call, { fetch: recording.fetch });
    const differences = [...generalDifferences(call, recording.answer()), ...compare(outcome)];
    this.#keep({ step, at, request, answer: recording.answer(), outcome: describe(outcome), differences });
    return outcome;
  }

  /** The same for a call of the Merchant API. */
  async sendMerchant<Answer>(
    step: string,
    call: UnsignedMerchantCall<Answer>,
    compare: (outcome: MerchantOutcome<Answer>) => readonly string[] = () => [],
  ): Promise<MerchantOutcome<Answer>> {
    const gateway = this.#gateways.merchant;
    const { name: action } = call.action;
    const endpoint = pathOf(gateway.paths, action, gateway.merchantId);
    const request = { endpoint, action, request_id: call.requestId, body: Object.fromEntries(new URLSearchParams(call.body)) };
    const recording = recordAnswer((text) => maskedXml(text.slice(0, MAX_XML)));
    const at = new Date();
    const outcome = await callMerchantGateway(gateway, call, { fetch: recording.fetch });
    const differences = [...(recording.answer() === null ? ["no answer"] : []), ...compare(outcome)];
    this.#keep({ step, at, request, answer: recording.answer(), outcome: describeMerchant(outcome), differences });
    return outcome;
  }

  /** Records a difference that is of no single answer. */
  note(step: string, difference: string): void {
    this.notes.push(`${step}: ${difference}`);
    this.#write(this.#redact(`    differs from the contract: ${difference}\n`));
  }

  #keep({ at, ...exchange }: Omit<Exchange, "at" | "milliseconds"> & { readonly at: Date }): void {
    const milliseconds = Date.now() - at.getTime();
    const { step, outcome, differences } = exchange;
    this.exchanges.push(this.redacted({ ...exchange, at: at.toISOString(), milliseconds }));
    const differs = differences.map((text) => `    differs from the contract: ${text}\n`).join("");
    this.#write(this.#redact(`${step}: ${outcome}, ${milliseconds} ms\n${differs}`));
  }

  /** A copy without secrets and personal data. Only strings are redacted, so that a short id does not replace digits of an amount. */
  redacted<Value>(value: Value): Value {
    const text = JSON.stringify(value, (member, inner: unknown) => {
      if (typeof inner !== "string") return inner;
      return MASKED.has(member) ? masked(inner) : this.#redact(inner);
    });
    return JSON.parse(text);
  }

  #redact(text: string): string {
    const whole = this.#secrets.find(([value]) => value === text);
    if (whole !== undefined) return whole[1];
    const long = this.#secrets.filter(([value]) => value.length >= MIN_SECRET_LENGTH);
    return long.reduce((placeholder, [value, replacement]) => placeholder.replaceAll(value, replacement), text);
  }

  /** Writes the transcript to a file that only its owner can read. */
  async save(file: string, more: Readonly<Record<string, unknown>>): Promise<void> {
    const ofAnswers = this.exchanges.flatMap(({ step, differences }) => differences.map((text) => `${step}: ${text}`));
    const differences = [...ofAnswers, ...this.redacted(this.notes)];
    const whole = { ...this.redacted(more), differences, callbacks: this.redacted(this.callbacks), exchanges: this.exchanges };
    await writeFile(file, `${JSON.stringify(whole, null, 2)}\n`, { mode: 0o600 });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Differences from the contract's rules for every answer: its headers, and the members of its body. */
function generalDifferences(call: UnsignedCall<unknown>, answer: Exchange["answer"]): readonly string[] {
  if (answer === null) return ["no answer"];
  const { http_status: status, headers, body } = answer;
  const id = headers["x-request-id"];
  const listed = LISTED[call.action.name] ?? [];
  const members = typeof body === "object" && body !== null ? Object.keys(body) : [];
  const unlisted = members.filter((member) => !listed.includes(member) && member !== "error");
  return [
    ...(status === 200 || status === 422 ? [] : [`HTTP ${status} (contract: 200 or 422)`]),
    ...(id === call.requestId ? [] : [id === undefined ? "no x-request-id in the answer" : "x-request-id differs from the request's"]),
    ...(/^(success|error)$/.test(headers["x-request-status"] ?? "")
      ? []
      : [`x-request-status is ${headers["x-request-status"] ?? "missing"}`]),
    ...(headers["x-datetime"] === undefined ? ["no x-datetime in the answer"] : []),
    ...(/\bjson\b/.test(headers["content-type"] ?? "") ? [] : [`Content-Type is ${headers["content-type"] ?? "missing"}`]),
    ...(unlisted.length === 0 ? [] : [`members that the contract does not list: ${unlisted.join(", ")}`]),
  ];
}

function describeMerchant(outcome: MerchantOutcome<unknown>): string {
  if (outcome.kind === "unknown") return `unknown: ${outcome.reason}${outcome.httpStatus === null ? "" : `, HTTP ${outcome.httpStatus}`}`;
  if (outcome.kind === "answered") {
    const { status } = outcome.answer as Readonly<Record<string, unknown>>;
    return typeof status === "string" ? status : "accepted";
  }
  const { code, category, httpStatus, isSigned } = outcome;
  return `refused with ${code} (${category}), HTTP ${httpStatus}, ${isSigned ? "signed" : "not signed"}`;
}

function describe(outcome: Outcome<unknown>): string {
  if (outcome.kind === "refused") return `refused with ${outcome.code} (${outcome.category}), HTTP ${outcome.httpStatus}`;
  if (outcome.kind === "unknown") return `unknown: ${outcome.reason}${outcome.httpStatus === null ? "" : `, HTTP ${outcome.httpStatus}`}`;
  const { status, error, response } = outcome.answer as Readonly<Record<string, unknown>>;
  const inner = typeof response === "object" && response !== null ? (response as Readonly<Record<string, unknown>>) : { status, error };
  const code =
    typeof inner["error"] === "object" && inner["error"] !== null && "code" in inner["error"] ? ` ${String(inner["error"].code)}` : "";
  return `${String(inner["status"] ?? "answered")}${code}`;
}
