/** Formats a history as readable text: who did what, when, and what the gateway truly did. */
import type { Edit, Payment, Plan } from "../../src/simulator/index.ts";
import type { Decision } from "../../edge/machine/event.ts";
import type { Page } from "../../edge/machine/page-record.ts";
import type { Attempt, ChargeRecord } from "../../edge/machine/record.ts";
import type { GatewayOutcome } from "../../edge/machine/gateway-call.ts";
import type { Modules } from "./edge-modules.ts";
import type { Visit } from "./page-visit.ts";
import type { ClientRequest, SimulationEvent, InFlightCall } from "./simulation-event.ts";
import type { Action, DeployedSettings, Scenario, CallFault } from "./scenario.ts";
import { DAY, GATEWAYS, ORDER_ID, SECOND, START } from "./scenario.ts";

/** `+1d 02:03:04.005`: virtual time since the start. `-61 s`: before it. */
export function timeText(at: number): string {
  if (at < START) return `${Math.round((at - START) / SECOND)} s`;
  const since = at - START;
  const days = Math.floor(since / DAY);
  const clock = new Date(since - days * DAY).toISOString().slice(11, 23);
  return days === 0 ? `+${clock}` : `+${days}d ${clock}`;
}

const money = (minor: number | null): string => (minor === null ? "?" : `${minor / 100}`);
const after = (milliseconds: number): string => `${milliseconds / SECOND} s`;

function planText(plan: Pick<Plan, "steps">): string {
  return plan.steps
    .map(
      ({ after: at, does, status, code }) =>
        `${does}${status === undefined ? "" : ` as "${status}"`}${code === undefined ? "" : ` ${code}`}${at === 0 ? " at once" : ` after ${after(at)}`}`,
    )
    .join(", ");
}

function visitText({ after: at, plan, secure, returns }: Visit): string {
  const { secure: isSecure = false, ...page } = plan?.page ?? {};
  const flags = Object.entries(page).filter(([, value]) => value !== false);
  return [
    `after ${after(at)} ${plan === null ? "only looks" : `a try that ${planText(plan)}`}`,
    ...(isSecure
      ? [secure === null ? "3-D Secure without an end" : `3-D Secure ${secure.passes ? "passed" : "failed"} after ${after(secure.after)}`]
      : []),
    ...(returns === null ? [] : [`returns ${returns.by} after ${after(returns.after)}`]),
    ...flags.map(([name]) => name),
  ].join(", ");
}

/** The lines that describe a scenario before its history. */
export function headerLines(scenario: Scenario): string[] {
  const {
    terms,
    outages,
    oldPayment: old,
    gatewayKeys,
    edgeKeys,
    remembersRequestsFor,
    replaysOrdersFor,
    oddRows,
    plans,
    visits,
  } = scenario;
  return [
    `Seed ${scenario.seed}, a history of the kind "${scenario.kind}", order ${ORDER_ID}`,
    ...terms.map(
      ({ amount, currency, profile_id, payment_page, user_id, auto_clearing }, index) =>
        `  terms ${index}: ${amount} ${currency}, ${payment_page === undefined ? `card ${profile_id}` : `a page that ${payment_page.save_card_months === undefined ? "saves nothing" : `saves the card for ${payment_page.save_card_months} months`}`}, user ${user_id}, auto_clearing ${auto_clearing}`,
    ),
    ...plans.map(
      (plan, index) =>
        `  the gateway's payment ${index + 1}: ${planText(plan)}${plan.takesMore === undefined ? "" : `, takes ${money(plan.takesMore)} more than requested`}`,
    ),
    ...visits.map((all, index) => `  page ${index + 1}: ${all.length === 0 ? "nobody comes" : all.map(visitText).join("; ")}`),
    ...outages.map(
      ({ from, lasts, answer }) =>
        `  the gateway has an outage from ${timeText(START + from)} for ${after(lasts)} (${answer === "none" ? "no answer" : `HTTP ${answer}`})`,
    ),
    ...(old === null
      ? []
      : [
          `  the gateway has an old payment under generation ${old.generation} of the order_id, ${after(old.age)} old: ${planText(old.plan)}`,
        ]),
    ...(remembersRequestsFor === null ? [] : [`  the gateway forgets an X-Request-Id after ${after(remembersRequestsFor)}`]),
    ...(replaysOrdersFor === null ? [] : [`  after ${after(replaysOrdersFor)} the gateway makes a second payment for the same order_id`]),
    ...(oddRows === null
      ? []
      : [
          `  the gateway writes rows of refunds with ${oddRows.how} from ${timeText(START + oddRows.from)} ${oddRows.lasts === null ? "on" : `for ${after(oddRows.lasts)}`}`,
        ]),
    ...(edgeKeys.join() === gatewayKeys.join()
      ? []
      : [`  the edge has the keys ${edgeKeys.join(", ")}, the gateway accepts ${gatewayKeys.join(", ")}`]),
  ];
}

function settingsText({ gateway, retentionDays, rules }: DeployedSettings): string {
  return [
    ...(gateway === undefined ? [] : [`, for the ${gateway === "first" ? "first gateway and merchant" : gateway}`]),
    ...(retentionDays === undefined ? [] : [`, RETENTION_DAYS ${retentionDays}`]),
    ...(rules === undefined ? [] : [`, the rules "${rules}"`]),
  ].join("");
}

function actionText(action: Action): string {
  switch (action.type) {
    case "click":
      return `tab ${action.tab} clicks with key ${action.key}, terms ${action.terms}, token of ${timeText(START + action.issuedAt * SECOND)}`;
    case "merchant_pay":
      return `the merchant's server pays with key ${action.key}, terms ${action.terms}`;
    case "get":
      return "a page reads the charge";
    case "callback":
      return action.attempt === null ? "a callback with a forged ticket" : `a callback with the ticket of attempt ${action.attempt}`;
    case "operate":
      return `the merchant requests ${action.kind}${action.requestedAmount === null ? "" : ` of ${money(action.requestedAmount)}`} with key ${action.key}`;
    case "close":
      return `the merchant closes the order with key ${action.key}`;
    case "resolve":
      return `an operator resolves with key ${action.key}: ${action.finding}`;
    case "cabinet_edit":
      return `in the merchant's cabinet: ${action.kind} of ${action.minor === "all" ? "all" : money(action.minor)}`;
    case "evict":
      return "the object is evicted";
    case "deploy":
      return `a new deployment${action.keys === undefined ? "" : `, with the keys ${action.keys.join(", ")}`}${settingsText(action.settings ?? {})}`;
    case "restore":
      return `an operator restores the order's stored state ${action.index}`;
    case "clock":
      return `the edge's clock is set to ${after(action.offset)} ahead of the true time`;
    case "refuse_storage":
      return `the storage refuses to ${action.how} ${action.lasts === null ? "from now on" : `for ${after(action.lasts)}`}`;
    case "gateway_keys":
      return `the gateway accepts the keys ${action.accepts.join(", ")} from now on`;
    case "lose_alarm":
      return "the platform loses the alarm";
    case "roll_back":
      return `a rollback: the version before is deployed for ${after(action.lasts)}, and cannot read the stored record`;
    case "fill_storage":
      return `the storage is full for ${after(action.lasts)}`;
  }
}

function callFaultText(callFault: CallFault | null): string {
  return callFault === null
    ? ""
    : ` [fault: ${callFault.name} ${JSON.stringify(callFault.fault)}${callFault.twist ?? ""}${callFault.hangs ? ", hangs" : ""}]`;
}

function callText({ number, call, to, isResend }: InFlightCall): string {
  const where = to === GATEWAYS.first ? "" : ` to ${to.host} as merchant ${to.merchantId}`;
  return `call ${number}${where} ${call.action.name.replace("gateway.", "")} ${call.body.length > 60 ? `(…${call.requestId.slice(-6)})` : call.body}${isResend ? " RESEND" : ""}`;
}

function outcomeText(outcome: GatewayOutcome<unknown>): string {
  if (outcome.kind === "answered") return `answered ${JSON.stringify(outcome.answer)}`.slice(0, 260);
  if (outcome.kind === "refused") return `refused ${outcome.code} (${outcome.category}, HTTP ${outcome.httpStatus})`;
  return `unknown: ${outcome.reason}${outcome.retryAfter === null ? "" : `, Retry-After ${outcome.retryAfter} s`}`;
}

function replyText(request: ClientRequest, reply: Decision | null): string {
  if (reply === null) return `${request.type} with key ${request.key} failed with an error`;
  return `${request.type} with key ${request.key}: ${reply.ok ? `${reply.began ? "began" : "known or joined"} no. ${reply.subject}` : reply.code}`;
}

function madeText(made: Payment): string {
  const steps = made.steps.map(
    ({ at, status, effect }) =>
      `${status}${effect === "none" ? "" : ` (${effect} ${money(made.minor)})`}${at === made.createdAt ? "" : ` at ${timeText(at)}`}`,
  );
  return `MAKES payment ${made.id} for ${made.orderId}, card ${made.profileId}: ${steps.join(", then ")}`;
}

function editText({ kind, minor, by, end }: Edit): string {
  return `DOES ${kind} of ${money(minor)} (${by}), ends in ${end}`;
}

/** The changes of an attempt's page. */
function pageChanges(was: Page | null, { number, page }: Attempt): readonly string[] {
  if (page === null) return [];
  const parts: string[] = [];
  if (page.openedAt !== (was?.openedAt ?? null)) parts.push(`page ${number} opened`);
  if (page.url === null && was !== null && was.url !== null) parts.push(`page ${number} no longer shown`);
  if (page.check?.at !== was?.check?.at)
    parts.push(`page ${number} ${page.check === null ? "is not held any more" : `held by ${page.check.tryId}`}`);
  if (page.tries.length !== (was?.tries.length ?? 0)) parts.push(`page ${number} knows ${page.tries.map(({ id }) => id).join(", ")}`);
  if (page.profile?.profileId !== was?.profile?.profileId) parts.push(`page ${number} has profile ${page.profile?.profileId}`);
  if ((page.hiddenAt === null) !== (was === null || was.hiddenAt === null))
    parts.push(`page ${number} ${page.hiddenAt === null ? "shown again" : "hidden"}`);
  return parts;
}

/** The changes of a record in one line. */
function changes(edge: Modules, before: ChargeRecord, record: ChargeRecord): string {
  const parts: string[] = [];
  const was = edge.view.statusOf(before);
  const is = edge.view.statusOf(record);
  if (was !== is) parts.push(`shows ${is.toUpperCase()} (was ${was})`);
  for (const [index, attempt] of record.attempts.entries()) {
    const old = before.attempts[index];
    if (old?.state !== attempt.state)
      parts.push(
        `attempt ${attempt.number} (${attempt.gatewayOrderId}) ${attempt.state}${attempt.failure === null ? "" : ` by ${attempt.failure.by} ${attempt.failure.code ?? ""}`}`,
      );
    if (old?.gatewayOrderId !== undefined && old.gatewayOrderId !== attempt.gatewayOrderId)
      parts.push(`attempt ${attempt.number} moves to ${attempt.gatewayOrderId}`);
    if (attempt.sends.length > (old?.sends.length ?? 0)) parts.push(`stores send ${attempt.sends.length} of attempt ${attempt.number}`);
    if (attempt.mismatch !== (old?.mismatch ?? null)) parts.push(`attempt ${attempt.number} mismatch ${attempt.mismatch}`);
    parts.push(...pageChanges(old?.page ?? null, attempt));
    if (attempt.paymentId !== (old?.paymentId ?? null)) parts.push(`attempt ${attempt.number} payment ${attempt.paymentId}`);
  }
  for (const [index, operation] of record.operations.entries()) {
    const old = before.operations[index];
    if (old?.state !== operation.state)
      parts.push(
        `operation ${operation.number} (${operation.kind} ${money(operation.amount)}) ${operation.state} ${operation.refusal?.gatewayCode ?? operation.refusal?.code ?? ""}`,
      );
    if (operation.sends.length > (old?.sends.length ?? 0))
      parts.push(`stores send ${operation.sends.length} of operation ${operation.number}`);
  }
  for (const { reason, attempt } of record.attention.slice(before.attention.length))
    parts.push(`raises attention: ${reason} (attempt ${attempt})`);
  return parts.join("; ");
}

/** One line of the history, or null for an event that is not shown. */
export function historyLine(edge: Modules, event: SimulationEvent): string | null {
  switch (event.type) {
    case "action":
      return actionText(event.action);
    case "request_handled":
      return `  edge: ${replyText(event.request, event.reply)}`;
    case "reply_delivered":
    case "alarm_done":
    case "notice_answered":
    case "hint_stored":
    case "callback_answered":
    case "delivery_sent":
      return null;
    case "page_shown":
      return `  edge gives the address of a page to a caller`;
    case "page_tried":
      return `  a shopper tries to pay on page ${event.page}: ${event.outcome}`;
    case "check_ended":
      return event.stops ? null : `    the gateway asks, and does not heed the answer`;
    case "came_back":
      return `  a browser comes back as ${event.by}${event.code === null ? "" : ", and gets the code"}`;
    case "odd_rows":
      return `    gateway writes its rows with ${event.how}`;
    case "alarm_fired":
      return event.late > 0 ? `  the alarm fires ${after(event.late)} late` : null;
    case "applied": {
      const text = changes(edge, event.before, event.after);
      return text === "" ? null : `  edge, ${event.chargeEvent.type}: ${text}`;
    }
    case "call_sent":
      return `    → ${callText(event.inFlight)}${callFaultText(event.inFlight.callFault)}`;
    case "call_received":
      return event.receipt === "key refused" ? `    gateway refuses the key of call ${event.inFlight.number}` : null;
    case "gateway_acted":
      return `  GATEWAY ${[event.made === null ? null : madeText(event.made), event.edit === null ? null : editText(event.edit)].filter((text) => text !== null).join("; ")}${event.late ? " (late)" : ""}`;
    case "call_ended":
      return `    ← call ${event.inFlight.number} ${outcomeText(event.outcome)}${event.isDelivered ? "" : " (lost with its object)"}`;
    case "callback_delivered":
      return `  the gateway calls back (${event.callback.kind}${event.callback.forged ? ", forged" : ""}): ${event.answer}`;
    case "evicted":
      return `  the object is evicted: ${event.why}`;
    case "call_refused":
      return `  edge: ${event.call} is answered ${event.code}`;
    case "attention_logged":
      return `  edge: attention ${event.reason} in the log`;
    case "alarm_lost":
      return "  the alarm is lost";
    case "alarm_set_again":
      return `  the lost alarm is set again by ${event.by}`;
    case "index_called":
      return "  a daily index calls the shard";
    case "put_off":
      return "  edge: the order is put off";
    case "error_thrown":
      return `  the edge throws: ${String(event.error)}`;
  }
}

/** Shows polls with the same result once. */
export function foldRepeats(lines: readonly string[]): readonly string[] {
  const same = (line: string): string =>
    line
      .replace(/^\S+( \S+)? {2,}/, "")
      .replace(/call \d+/g, "call")
      .replace(/01[0-9a-f-]{30,}/g, "id");
  const output: string[] = [];
  let recent: string[] = [];
  let repeats = 0;
  for (const line of lines) {
    const isCall = /^\S+( [\d:.]+)? +[→←]/.test(line);
    if (isCall && recent.includes(same(line))) {
      repeats += 1;
      continue;
    }
    if (repeats > 0) output.push(`      … ${repeats} similar ${repeats === 1 ? "line" : "lines"}`);
    repeats = 0;
    recent = isCall ? [...recent, same(line)].slice(-4) : recent;
    output.push(line);
  }
  return output;
}

/** The beginning and the end of a history that is too long. */
export function truncateMiddle(lines: readonly string[], most: number): readonly string[] {
  if (lines.length <= most) return lines;
  const head = Math.floor(most / 3);
  return [...lines.slice(0, head), `… ${lines.length - most} lines …`, ...lines.slice(lines.length - (most - head))];
}
