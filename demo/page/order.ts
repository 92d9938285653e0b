import { follow, observeFetch, renderExchanges } from "./exchanges.ts";
import { moment, money, speak, words } from "./language.ts";

interface OrderState {
  readonly order_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: string;
  readonly updated_at: string | null;
  /** When a notification released the goods. */
  readonly released_at: string | null;
}

const UNDECIDED = ["ready", "processing", "unconfirmed"];
const TONES: Readonly<Record<string, string>> = { failed: "fault", processing: "wait", unconfirmed: "wait", ready: "wait", closed: "wait" };
const LOOK_AGAIN = 2_000;

const orderId = new URL(location.href).searchParams.get("id") ?? "";
let state: OrderState | null = null;
let fault: "noSuchOrder" | "shopUnreachable" | null = null;

function write(id: string, text: string): void {
  const element = document.getElementById(id);
  if (element !== null && element.textContent !== text) element.textContent = text;
}

function render(): void {
  const said = words();
  document.title = said.order(orderId);
  write("order-title", said.order(orderId));
  const status = state === null ? "" : (said.statuses[state.status] ?? state.status);
  write("verdict", fault === null ? status : said[fault]);
  document.getElementById("verdict")?.setAttribute("data-tone", fault === null ? (TONES[state?.status ?? ""] ?? "fine") : "fault");
  write("amount", state === null ? "" : money(state.amount, state.currency));
  write("released", state?.released_at == null ? said.notReleased : said.released);
  write("updated", state?.updated_at == null ? "" : moment(state.updated_at));
  renderExchanges();
}

/** Whether something is still to come: the outcome, or the notification that releases what is paid. */
function isWaiting(): boolean {
  return state === null || UNDECIDED.includes(state.status) || (state.status === "succeeded" && state.released_at === null);
}

/** Asks the shop, which asks the edge, until the charge is decided and its goods are released. */
async function look(): Promise<void> {
  try {
    const response = await fetch(`/orders/${encodeURIComponent(orderId)}`);
    if (response.ok) state = (await response.json()) as OrderState;
    fault = response.ok ? null : response.status === 404 ? "noSuchOrder" : "shopUnreachable";
  } catch {
    fault = "shopUnreachable";
  }
  render();
  if (fault !== "noSuchOrder" && isWaiting()) setTimeout(look, LOOK_AGAIN);
}

observeFetch(null);
if (orderId !== "") follow(orderId);
speak(render);
await look();
