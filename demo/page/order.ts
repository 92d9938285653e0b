import type { ChargeStatus } from "../../src/edge-api.ts";
import { follow, observeFetch, renderExchanges } from "./exchanges.ts";
import { dateTime, money, onLanguageChange, texts } from "./language.ts";

interface OrderState {
  readonly order_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: ChargeStatus;
  readonly updated_at: string | null;
  /** When a notification released the goods. */
  readonly released_at: string | null;
}

const UNDECIDED = ["ready", "processing", "unconfirmed"];
const TONES: Readonly<Record<string, string>> = { failed: "fault", processing: "wait", unconfirmed: "wait", ready: "wait", closed: "wait" };
const POLL_INTERVAL = 2_000;

const orderId = new URL(location.href).searchParams.get("id") ?? "";
let state: OrderState | null = null;
/** The shop has asked for a refund. */
let isRefunding = false;
let error: "noSuchOrder" | "shopUnreachable" | null = null;

function write(id: string, text: string): void {
  const element = document.getElementById(id);
  if (element !== null && element.textContent !== text) element.textContent = text;
}

function render(): void {
  const text = texts();
  document.title = text.order(orderId);
  write("order-title", text.order(orderId));
  const status = state === null ? "" : text.statuses[state.status];
  write("verdict", error === null ? status : text[error]);
  document.getElementById("verdict")?.setAttribute("data-tone", error === null ? (TONES[state?.status ?? ""] ?? "fine") : "fault");
  write("amount", state === null ? "" : money(state.amount, state.currency));
  write("released", state?.released_at == null ? text.notReleased : text.released);
  write("updated", state?.updated_at == null ? "" : dateTime(state.updated_at));
  document.getElementById("refund")?.toggleAttribute("hidden", isRefunding || state?.status !== "succeeded");
  renderExchanges();
}

/** Whether the outcome or the release of the goods is pending. */
function isWaiting(): boolean {
  if (isRefunding && state?.status === "succeeded") return true;
  return state === null || UNDECIDED.includes(state.status) || (state.status === "succeeded" && state.released_at === null);
}

/** What the shop's staff would do: refunds the whole order. */
async function refund(): Promise<void> {
  isRefunding = true;
  render();
  const response = await fetch(`/orders/${encodeURIComponent(orderId)}/refund`, { method: "POST", body: "{}" });
  isRefunding = response.ok;
  await poll();
}

/** Polls the shop, which reads from the edge, until the charge is decided and the goods are released. */
async function poll(): Promise<void> {
  try {
    const response = await fetch(`/orders/${encodeURIComponent(orderId)}`);
    if (response.ok) state = (await response.json()) as OrderState;
    error = response.ok ? null : response.status === 404 ? "noSuchOrder" : "shopUnreachable";
  } catch {
    error = "shopUnreachable";
  }
  render();
  if (error !== "noSuchOrder" && isWaiting()) setTimeout(poll, POLL_INTERVAL);
}

observeFetch(null);
document.getElementById("refund")?.addEventListener("click", () => void refund());
if (orderId !== "") follow(orderId);
onLanguageChange(render);
await poll();
