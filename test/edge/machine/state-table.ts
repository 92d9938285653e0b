/** The table of the state machine, made by running it: every situation of an order × everything that can happen in it. */
import { created, lost, notFound, OrderHistory, refusal } from "./order-history.ts";

/** The history that brings an order into each situation. */
const SITUATIONS: Readonly<Record<string, (order: OrderHistory) => void>> = {
  ready: () => undefined,
  "processing (create in flight)": (order) => void order.pay(),
  "processing (accepted)": (order) => {
    order.pay();
    order.answer(created("process"));
  },
  "processing (later attempt waits for its reads)": (order) => {
    order.declined();
    order.pay("key-2");
  },
  "unconfirmed (answer lost)": (order) => {
    order.pay();
    order.answer(lost());
  },
  "unconfirmed (amount differs)": (order) => {
    order.pay();
    order.answer(created("process"));
    order.untilPoll();
    order.see({ payment: order.payment("success", { amount: 99 }) });
  },
  authorized: (order) => order.hold(),
  succeeded: (order) => order.succeed(),
  "failed (declined)": (order) => order.declined(),
  "failed (bare refusal)": (order) => {
    order.pay();
    order.answer(refusal("10009", "insufficient_funds"));
    order.pass(2_000);
  },
  "failed (never seen, provisional)": (order) => order.silent(),
  reversed: (order) => {
    order.pay("key-1", { auto_clearing: false });
    order.answer(created("process"));
    order.untilPoll();
    order.see({ payment: order.payment("reversed") });
  },
  refunded: (order) => {
    order.pay();
    order.answer(created("process"));
    order.untilPoll();
    order.see({ payment: order.payment("success", { refund_payments: [{ id: "r1", amount: -10, status: "success" }] }) });
  },
  closed: (order) => void order.close(),
};

type Happening = (order: OrderHistory) => unknown;

function terms(order: OrderHistory): { auto_clearing: boolean } {
  return { auto_clearing: order.record.attempts.at(-1)?.terms.auto_clearing ?? true };
}

/** Requests of the shopper, the merchant and operators. */
export const ASKS: Readonly<Record<string, Happening>> = {
  "a new click, same terms": (order) => order.pay("key-new", terms(order)),
  "a new click, other amount": (order) => order.pay("key-new", { ...terms(order), amount: 11 }),
  clearing: (order) => order.operate("clearing"),
  reverse: (order) => order.operate("reverse"),
  refund: (order) => order.operate("refund"),
  close: (order) => order.close("close-new"),
  "resolve: nothing taken": (order) => order.resolve(null, "resolve-new"),
};

function answered(outcome: Parameters<OrderHistory["answer"]>[0]): Happening {
  return (order) => (order.sends === 1 ? order.answer(outcome) : "—");
}

function seeOperationPoll(seen: (order: OrderHistory) => Parameters<OrderHistory["see"]>[0]): Happening {
  return (order) => {
    if (order.sends > 0 || order.record.attempts.length === 0) return "—";
    if (order.polls === 0) order.happen({ type: "hint", ticket: order.record.attempts.at(-1)?.ticket ?? "" });
    if (order.polls === 0) order.untilPoll();
    return order.see(seen(order));
  };
}

/** Answers of the gateway. */
export const ANSWERS: Readonly<Record<string, Happening>> = {
  "create: accepted": answered(created("process")),
  "create: declined, with a payment id": answered(created("error", { error: { code: "10009" } })),
  "create: bare refusal": answered(refusal("10009", "insufficient_funds")),
  "create: unknown outcome": answered(lost()),
  "poll: no payment": seeOperationPoll(() => ({ request: notFound, payment: {} })),
  "poll: process": seeOperationPoll((order) => ({ payment: order.payment("process") })),
  "poll: approved": seeOperationPoll((order) => ({ payment: order.payment("approved") })),
  "poll: success": seeOperationPoll((order) => ({ payment: order.payment("success") })),
  "poll: error": seeOperationPoll((order) => ({ payment: order.payment("error", { error: { code: "10009" } }) })),
  "poll: reversed": seeOperationPoll((order) => ({ payment: order.payment("reversed") })),
  "poll: unknown status": seeOperationPoll((order) => ({ payment: order.payment("a_new_word") })),
  "poll: other amount": seeOperationPoll((order) => ({ payment: order.payment("success", { amount: 99 }) })),
};

/** What an order did, in a few words. */
function cell(enter: (order: OrderHistory) => void, happen: Happening): string {
  const order = new OrderHistory();
  enter(order);
  order.pass(10_000);
  const before = order.status;
  const attempts = order.record.attempts.length;
  const waiting = order.sends + order.polls > 0;
  if (happen !== undefined && waiting && order.polls > 0)
    order.effects = order.effects.filter(({ kind }) => kind === "poll" || kind === "send");
  const kept = new Set(order.effects);
  const decision = happen(order);
  if (decision === "—") return "—";
  if (typeof decision === "object" && decision !== null && "ok" in decision && decision.ok === false)
    return `\`${String(Reflect.get(decision, "code"))}\``;
  const anew = order.effects.filter((effect) => !kept.has(effect));
  const words: string[] = [];
  if (order.record.attempts.length > attempts) words.push(`attempt ${attempts + 1}`);
  if (order.status !== before) words.push(`**${order.status}**`);
  if (anew.some(({ kind }) => kind === "send")) words.push("sends");
  if (anew.some(({ kind }) => kind === "poll" || kind === "poll_operation")) words.push("reads first");
  return words.length === 0 ? "stays" : words.join(", ");
}

/** A part of the table, as Markdown: situations down, events across. */
export function stateTable(happenings: Readonly<Record<string, Happening>>): string {
  const head = ["", ...Object.keys(happenings)];
  const rows = Object.entries(SITUATIONS).map(([name, enter]) => [name, ...Object.values(happenings).map((happen) => cell(enter, happen))]);
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
