import type { Exchange, Party } from "../exchange.ts";

/** What a charge is made of, in the order in which it happens. */
export type Step = "token" | "charge" | "signed" | "callback" | "read" | "state" | "notified";

/** A step that happened: what it was, and when, in epoch milliseconds. */
export interface Happening {
  readonly step: Step;
  readonly at: number;
  readonly exchange: Exchange;
}

/** How each step is drawn: from whom something goes to whom. A token and a state are what an answer brings. */
export const STEPS: Readonly<Record<Step, readonly [from: Party, to: Party]>> = {
  token: ["shop", "browser"],
  charge: ["browser", "edge"],
  signed: ["edge", "gateway"],
  callback: ["gateway", "edge"],
  read: ["edge", "gateway"],
  state: ["edge", "browser"],
  notified: ["edge", "shop"],
};

/** The parties from left to right. */
export const PARTIES: readonly Party[] = ["shop", "browser", "edge", "gateway"];

/** By who asked whom: which step the question is. Null for what is no part of the picture. */
const ASKED: Readonly<Record<string, (exchange: Exchange) => Step | null>> = {
  "browser shop": ({ method, path }) => (method === "POST" && path.endsWith("/token") ? "token" : null),
  "browser edge": ({ method, path }) => (method === "POST" && path === "/v1/charges" ? "charge" : null),
  "edge gateway": ({ headers }) =>
    headers.some(([name, value]) => name === "x-action" && value === "gateway.payment.create") ? "signed" : "read",
  "gateway edge": () => "callback",
  "edge shop": () => "notified",
};

/** The status of a charge in what the edge answered a page; null when there is none. */
export function statusIn({ from, to, answer }: Exchange): string | null {
  if (from !== "browser" || to !== "edge" || answer === null) return null;
  try {
    const { status } = JSON.parse(answer.body) as { status?: unknown };
    return typeof status === "string" ? status : null;
  } catch {
    return null;
  }
}

/**
 * What of the picture an exchange is: nothing, one step, or two, for the answer to a click is a state. That an order is ready
 * to be paid is no step yet.
 */
export function happeningsOf(exchange: Exchange): readonly Happening[] {
  const asked = ASKED[`${exchange.from} ${exchange.to}`]?.(exchange) ?? null;
  const began = Date.parse(exchange.at);
  const ended = began + exchange.milliseconds;
  const status = statusIn(exchange);
  return [
    ...(asked === null ? [] : [{ step: asked, at: asked === "token" ? ended : began, exchange }]),
    ...(status === null || status === "ready" ? [] : [{ step: "state" as const, at: ended, exchange }]),
  ];
}
