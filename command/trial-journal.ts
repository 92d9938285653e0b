/** Asks the gateway and writes every exchange down: what was asked, what came back, and how that differs from the contract. */
import { writeFile } from "node:fs/promises";
import type { Gateway } from "../src/gateway.ts";
import { callGateway } from "../src/gateway.ts";
import type { Outcome } from "../src/outcome.ts";
import type { UnsignedCall } from "../src/payment.ts";
import type { Recorded } from "./callback-recorder.ts";

/** One exchange, as it is kept. */
export interface Exchange {
  readonly step: string;
  readonly at: string;
  readonly asked: { readonly endpoint: string; readonly action: string; readonly request_id: string; readonly body: unknown };
  /** Null when no answer came. */
  readonly answer: { readonly http_status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown } | null;
  readonly milliseconds: number;
  /** How the package reads it. */
  readonly outcome: string;
  readonly differs: readonly string[];
}

/** What is thought of an answer beside what holds for all: differences from the contract, in words. */
export type Expect<Answer> = (outcome: Outcome<Answer>) => readonly string[];

/** Members of an answer that the contract lists, by action. */
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

const KEPT_HEADERS = ["content-type", "date", "retry-after", "server", "x-action", "x-datetime", "x-request-id", "x-request-status"];

/** Members whose value is somebody's: only its form is kept, digits as 0, letters as x. */
const FORM_ONLY: ReadonlySet<string> = new Set(["token", "pan", "approval_code", "reference", "intreference", "acs_url", "name"]);

/** A value that is shorter than this is left out where it is the whole text, and not looked for within others. */
const SHORTEST_FOUND = 6;

/** The journal of a trial. */
export class Journal {
  readonly exchanges: Exchange[] = [];
  readonly callbacks: Recorded[] = [];
  readonly #gateway: Gateway;
  /** What is never written, and what stands in its place. */
  readonly #hidden: readonly (readonly [value: string, shown: string])[];
  readonly #tell: (text: string) => void;

  constructor(gateway: Gateway, hidden: Readonly<Record<string, string>>, tell: (text: string) => void) {
    this.#gateway = gateway;
    // The longest first: one may hold another.
    const values = Object.entries(hidden).filter(([, value]) => value !== "");
    this.#hidden = values.map(([shown, value]) => [value, `<${shown}>`] as const).toSorted(([one], [other]) => other.length - one.length);
    this.#tell = tell;
  }

  /** Asks once, and keeps the exchange. Never throws for what the gateway or the network did. */
  async ask<Answer>(step: string, call: UnsignedCall<Answer>, expect: Expect<Answer> = () => []): Promise<Outcome<Answer>> {
    let answer: Exchange["answer"] = null;
    const at = new Date();
    const watchedFetch = async (request: Request): Promise<Response> => {
      const response = await fetch(request);
      const text = await response.clone().text();
      const headers = Object.fromEntries([...response.headers].filter(([name]) => KEPT_HEADERS.includes(name)));
      answer = { http_status: response.status, headers, body: jsonOf(text) ?? text.slice(0, 2000) };
      return response;
    };
    const outcome = await callGateway(this.#gateway, call, { fetch: watchedFetch });
    const milliseconds = Date.now() - at.getTime();
    const differs = [...formOf(call, answer), ...expect(outcome)];
    const { endpoint, name: action } = call.action;
    const asked = { endpoint, action, request_id: call.requestId, body: jsonOf(call.body) };
    const exchange = { step, at: at.toISOString(), asked, answer, milliseconds, outcome: wordsOf(outcome), differs };
    this.exchanges.push(this.redacted(exchange));
    this.#tell(this.#hide(`${step}: ${exchange.outcome}, ${milliseconds} ms\n${differs.map((text) => `    differs: ${text}\n`).join("")}`));
    return outcome;
  }

  /** A value without secrets and persons. Only texts are looked into: a short id must not eat the digits of an amount. */
  redacted<Value>(value: Value): Value {
    const text = JSON.stringify(value, (member, inner: unknown) => {
      if (typeof inner !== "string") return inner;
      return FORM_ONLY.has(member) ? inner.replaceAll(/[0-9]/g, "0").replaceAll(/[A-Za-z]/g, "x") : this.#hide(inner);
    });
    return JSON.parse(text);
  }

  #hide(text: string): string {
    const whole = this.#hidden.find(([value]) => value === text);
    if (whole !== undefined) return whole[1];
    const long = this.#hidden.filter(([value]) => value.length >= SHORTEST_FOUND);
    return long.reduce((shown, [value, instead]) => shown.replaceAll(value, instead), text);
  }

  /** Writes everything to a file that only its owner can read. */
  async save(file: string, more: Readonly<Record<string, unknown>>): Promise<void> {
    const differs = this.exchanges.flatMap(({ step, differs }) => differs.map((text) => `${step}: ${text}`));
    const whole = { ...this.redacted(more), differs, callbacks: this.redacted(this.callbacks), exchanges: this.exchanges };
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

/** What the contract says of every answer: its headers, and the members of its body. */
function formOf(call: UnsignedCall<unknown>, answer: Exchange["answer"]): readonly string[] {
  if (answer === null) return ["no answer came"];
  const { http_status: status, headers, body } = answer;
  const id = headers["x-request-id"];
  const listed = LISTED[call.action.name] ?? [];
  const members = typeof body === "object" && body !== null ? Object.keys(body) : [];
  const unlisted = members.filter((member) => !listed.includes(member) && member !== "error");
  return [
    ...(status === 200 || status === 422 ? [] : [`HTTP ${status} (contract: 200 or 422)`]),
    ...(id === call.requestId ? [] : [id === undefined ? "no x-request-id in the answer" : "another x-request-id than was sent"]),
    ...(/^(success|error)$/.test(headers["x-request-status"] ?? "")
      ? []
      : [`x-request-status is ${headers["x-request-status"] ?? "missing"}`]),
    ...(headers["x-datetime"] === undefined ? ["no x-datetime in the answer"] : []),
    ...(/\bjson\b/.test(headers["content-type"] ?? "") ? [] : [`Content-Type is ${headers["content-type"] ?? "missing"}`]),
    ...(unlisted.length === 0 ? [] : [`members that the contract does not list: ${unlisted.join(", ")}`]),
  ];
}

function wordsOf(outcome: Outcome<unknown>): string {
  if (outcome.kind === "refused") return `refused with ${outcome.code} (${outcome.category}), HTTP ${outcome.httpStatus}`;
  if (outcome.kind === "unknown") return `unknown: ${outcome.reason}${outcome.httpStatus === null ? "" : `, HTTP ${outcome.httpStatus}`}`;
  const { status, error, response } = outcome.answer as Readonly<Record<string, unknown>>;
  const inner = typeof response === "object" && response !== null ? (response as Readonly<Record<string, unknown>>) : { status, error };
  const code =
    typeof inner["error"] === "object" && inner["error"] !== null && "code" in inner["error"] ? ` ${String(inner["error"].code)}` : "";
  return `${String(inner["status"] ?? "answered")}${code}`;
}
