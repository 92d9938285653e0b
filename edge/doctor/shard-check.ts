/** The doctor's checks of the objects that store orders: how far away some of them are, and how full. */
import type { DoctorCheck } from "../../src/edge-api.ts";
import type { Shards } from "../home.ts";
import { homeOf, shardAt } from "../home.ts";
import type { ShardState } from "../rpc.ts";
import type { Settings } from "../settings.ts";
import { notChecked } from "./settings-check.ts";

/** The shards that are called: orders are spread evenly, so a few of them tell about all. */
const POSITIONS = [0, 85, 170];

/** From these shares of its storage on a shard is worth a warning, and takes no new orders. */
const WARN_AT = 0.5;
const FULL_AT = 0.9;

/** A shard that answered. */
interface Answer {
  readonly milliseconds: number;
  /** The share of its storage that is used. */
  readonly used: number;
}

/** Calls three shards. That stores nothing. */
export async function shardChecks(
  env: Readonly<Record<string, unknown>>,
  { gatewayUrl, merchantId, locationHint }: Partial<Settings>,
): Promise<readonly DoctorCheck[]> {
  const charges = env["CHARGES"] as Shards<{ check(): Promise<ShardState> }> | undefined;
  // The check of the bindings has found that.
  if (charges === undefined) return [];
  const needs = "FREEDOM_PAY_MERCHANT_ID, FREEDOM_PAY_URL and LOCATION_HINT";
  if (gatewayUrl === undefined || merchantId === undefined || locationHint === undefined)
    return [notChecked("orders", needs), notChecked("storage", needs)];
  const settings = { gatewayUrl, merchantId, locationHint };
  // One after another, or each would wait for the others' way too.
  const answers: (Answer | null)[] = [];
  for (const position of POSITIONS)
    answers.push(await answerOf(() => shardAt(charges, { home: homeOf(settings), locationHint: settings.locationHint }, position).check()));
  return [reachCheck(answers), storageCheck(answers)];
}

async function answerOf(check: () => Promise<ShardState>): Promise<Answer | null> {
  const before = Date.now();
  try {
    const { usedBytes, maxBytes } = await check();
    return { milliseconds: Date.now() - before, used: usedBytes / maxBytes };
  } catch {
    return null;
  }
}

function reachCheck(answers: readonly (Answer | null)[]): DoctorCheck {
  const name = "orders";
  const lost = POSITIONS.filter((_, index) => answers[index] === null);
  if (lost.length === 0) {
    const times = answers.map((answer) => answer?.milliseconds).join(", ");
    return { name, ok: true, finding: `three of the objects that store them answer, after ${times} ms`, fix: null };
  }
  const finding = `of three objects that store them, these are not reached: ${lost.join(", ")}`;
  return { name, ok: false, finding, fix: "Retry in a few minutes; if that does not help, read the log of the edge" };
}

function storageCheck(answers: readonly (Answer | null)[]): DoctorCheck {
  const name = "storage";
  const used = answers.filter((answer) => answer !== null).map((answer) => answer.used);
  if (used.length === 0) return { name, ok: false, finding: "not checked: no object is reached", fix: "See the check of orders" };
  const most = Math.max(...used);
  const finding = `of three objects the fullest uses ${Math.floor(most * 100)} % of its storage`;
  if (most < WARN_AT) return { name, ok: true, finding, fix: null };
  const fix = "Shorten RETENTION_DAYS, or plan for more objects (docs/shards.md); at 90 % new orders are refused";
  return { name, ok: most < FULL_AT, finding, fix };
}
