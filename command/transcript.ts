/** Calls the gateway and records every exchange: request, answer, and differences from the contract. */
import { writeFile } from "node:fs/promises";
import type { Gateway } from "../src/gateway.ts";
import { callGateway } from "../src/gateway.ts";
import type { Outcome } from "../src/outcome.ts";
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

/** The transcript of a live test. */
export class Transcript {
  readonly exchanges: Exchange[] = [];
  readonly callbacks: RecordedCallback[] = [];
  readonly #gateway: Gateway;
  /** Secrets and their placeholders. */
  readonly #secrets: readonly (readonly [value: string, shown: string])[];
  readonly #write: (text: string) => void;

  constructor(gateway: Gateway, secrets: Readonly<Record<string, string>>, write: (text: string) => void) {
    this.#gateway = gateway;
    // The longest first, because one may contain another.
    const values = Object.entries(secrets).filter(([, value]) => value !== "");
    this.#secrets = values
      .map(([placeholder, value]) => [value, `<${placeholder}>`] as const)
      .toSorted(([one], [other]) => other.length - one.length);
    this.#write = write;
  }

  /** Sends one call and records the exchange. Does not throw when the gateway or the network fails. */
  async send<Answer>(step: string, call: UnsignedCall<Answer>, compare: Compare<Answer> = () => []): Promise<Outcome<Answer>> {
    let answer: Exchange["answer"] = null;
    const at = new Date();
    const recordingFetch = async (request: Request): Promise<Response> => {
      const response = await fetch(request);
      const text = await response.clone().text();
      const headers = Object.fromEntries([...response.headers].filter(([name]) => RECORDED_HEADERS.includes(name)));
      answer = { http_status: response.status, headers, body: jsonOf(text) ?? text.slice(0, 2000) };
      return response;
    };
    const outcome = await callGateway(this.#gateway, call, { fetch: recordingFetch });
    const milliseconds = Date.now() - at.getTime();
    const differences = [...generalDifferences(call, answer), ...compare(outcome)];
    const { endpoint, name: action } = call.action;
    const request = { endpoint, action, request_id: call.requestId, body: jsonOf(call.body) };
    const exchange = { step, at: at.toISOString(), request, answer, milliseconds, outcome: describe(outcome), differences };
    this.exchanges.push(this.redacted(exchange));
    this.#write(
      this.#redact(
        `${step}: ${exchange.outcome}, ${milliseconds} ms\n${differences.map((text) => `    differs from the contract: ${text}\n`).join("")}`,
      ),
    );
    return outcome;
  }

  /** A copy without secrets and personal data. Only strings are redacted, so that a short id does not replace digits of an amount. */
  redacted<Value>(value: Value): Value {
    const text = JSON.stringify(value, (member, inner: unknown) => {
      if (typeof inner !== "string") return inner;
      return MASKED.has(member) ? inner.replaceAll(/[0-9]/g, "0").replaceAll(/[A-Za-z]/g, "x") : this.#redact(inner);
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
    const differences = this.exchanges.flatMap(({ step, differences }) => differences.map((text) => `${step}: ${text}`));
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

function describe(outcome: Outcome<unknown>): string {
  if (outcome.kind === "refused") return `refused with ${outcome.code} (${outcome.category}), HTTP ${outcome.httpStatus}`;
  if (outcome.kind === "unknown") return `unknown: ${outcome.reason}${outcome.httpStatus === null ? "" : `, HTTP ${outcome.httpStatus}`}`;
  const { status, error, response } = outcome.answer as Readonly<Record<string, unknown>>;
  const inner = typeof response === "object" && response !== null ? (response as Readonly<Record<string, unknown>>) : { status, error };
  const code =
    typeof inner["error"] === "object" && inner["error"] !== null && "code" in inner["error"] ? ` ${String(inner["error"].code)}` : "";
  return `${String(inner["status"] ?? "answered")}${code}`;
}
