import type { Exchange, Party } from "../exchange.ts";

/** The steps of a charge, in their order. */
export type Step = "token" | "charge" | "signed" | "page" | "returned" | "callback" | "read" | "state" | "notified";

/** The steps that only a payment page has. */
export const PAGE_STEPS: readonly Step[] = ["page", "returned"];

/** A step that happened, with its time in epoch milliseconds. */
export interface StepEvent {
  readonly step: Step;
  readonly at: number;
  readonly exchange: Exchange;
}

/** The direction of each step's arrow. A token and a state come with an answer. */
export const STEPS: Readonly<Record<Step, readonly [from: Party, to: Party]>> = {
  token: ["shop", "browser"],
  charge: ["browser", "edge"],
  signed: ["edge", "gateway"],
  page: ["browser", "gateway"],
  returned: ["gateway", "browser"],
  callback: ["gateway", "edge"],
  read: ["edge", "gateway"],
  state: ["edge", "browser"],
  notified: ["edge", "shop"],
};

/** The parties from left to right. */
export const PARTIES: readonly Party[] = ["shop", "browser", "edge", "gateway"];

/** The step of a request, by its parties. Null for a request that the picture does not show. */
const STEP_OF_REQUEST: Readonly<Record<string, (exchange: Exchange) => Step | null>> = {
  "browser shop": ({ method, path }) => {
    if (method === "GET" && path.startsWith("/?")) return "returned";
    return method === "POST" && path.endsWith("/token") ? "token" : null;
  },
  "browser gateway": () => "page",
  "browser edge": ({ method, path }) => (method === "POST" && path === "/v1/charges" ? "charge" : null),
  "edge gateway": ({ headers, path }) => {
    const isCreate = headers.some(([name, value]) => name === "x-action" && value === "gateway.payment.create");
    return isCreate || /init_payment|make_recurring/.test(path) ? "signed" : "read";
  },
  "gateway edge": () => "callback",
  "edge shop": () => "notified",
};

/** The status of a charge in an answer of the edge to a page; null without one. */
function statusIn({ from, to, answer }: Exchange): string | null {
  if (from !== "browser" || to !== "edge" || answer === null) return null;
  try {
    const { status } = JSON.parse(answer.body) as { status?: unknown };
    return typeof status === "string" ? status : null;
  } catch {
    return null;
  }
}

/**
 * The steps of an exchange: none, one, or two, because the answer to a click also has a state. The state `ready` is not a
 * step.
 */
export function stepEventsOf(exchange: Exchange): readonly StepEvent[] {
  const step = STEP_OF_REQUEST[`${exchange.from} ${exchange.to}`]?.(exchange) ?? null;
  const began = Date.parse(exchange.at);
  const ended = began + exchange.milliseconds;
  const status = statusIn(exchange);
  return [
    ...(step === null ? [] : [{ step, at: step === "token" ? ended : began, exchange }]),
    ...(status === null || status === "ready" ? [] : [{ step: "state" as const, at: ended, exchange }]),
  ];
}
