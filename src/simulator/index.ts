/**
 * `freedom-pay-charge/simulator`: a simulated Freedom Pay for tests. {@link createSimulator} is a fetch handler;
 * {@link createModel}, {@link receive} and {@link advance} are the model under it, for simulations in virtual time.
 */

export { callbackAnswer, checkDeclines, type CallbackAnswer, type CallbackResult } from "./callback-answer.ts";
export { callbackRequest, signFields, type CallbackRequest } from "./callback-request.ts";
export { checkBefore, type CallbackFacts, type PlannedCallback } from "./callbacks.ts";
export type { Wait } from "./callback-sender.ts";
export { editInCabinet, type EditRefusal } from "./edits.ts";
export type { Fault, FaultyAnswer } from "./fault.ts";
export { ledger, payments, totalsOf, type LedgerEntry, type TruePayment } from "./ledger.ts";
export { formatEntry, type Entry, type Log } from "./log.ts";
export { merchantCallAt, readMerchantCall, type MerchantCall, type UnidentifiedCall } from "./merchant-call.ts";
export { checkBeforeCharge, receiveMerchantCall } from "./merchant-model.ts";
export { advance, placePayment, receive, type CallOutcome } from "./model.ts";
export { PAGE_PATH } from "./page-address.ts";
export { pageMoment, type PageMoment } from "./page-moment.ts";
export { nextTryPlan } from "./page-scenario.ts";
export { beginTry, endSecure, endTry, type TryRefusal } from "./page-try.ts";
export type { PageCard, PageTry, SimulatedPage } from "./page.ts";
export type { ParsedPage, ReturnAddress } from "./parsed-page.ts";
export {
  PAYS_AT_ONCE,
  type CallbackFormat,
  type Plan,
  type PlannedCallbacks,
  type PlannedPage,
  type PlannedProfile,
  type PlannedStep,
} from "./plan.ts";
export { rejectResult, type MoneyReturn } from "./rejection.ts";
export { createScenario, nextInstruction, nextMerchantInstruction, parseScript, type Instruction, type ScenarioState } from "./scenario.ts";
export { PREFIXES, type Script, type FaultRule, type Keyword } from "./script.ts";
export { checkSignature, type ExpectedSignature, type SignatureVerdict } from "./signature-check.ts";
export { AnswerLost } from "./response.ts";
export { createSimulator, type Simulator, type SimulatorOptions } from "./simulator.ts";
export {
  createModel,
  type Call,
  type ModelOptions,
  type ModelState,
  type Outage,
  type Queued,
  type RememberedOrder,
  type RememberedRequest,
  type Reply,
  type SimulatedCard,
} from "./state.ts";
export type { Edit, EditKind, Effect, Payment, AnswerShape, Step } from "./timeline.ts";
export { KEYWORDS, keywordsAsMarkdown } from "./keywords.ts";
