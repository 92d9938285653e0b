/** Rows of refunds in forms that no page of the gateway documents. */
import type { Reply } from "../../src/simulator/index.ts";
import type { OddRows } from "./scenario.ts";

/** The longest id that the edge accepts, in characters. */
export const MAX_ID_LENGTH = 64;

/** The most rows that an order keeps. */
export const MAX_ROWS = 1_000;

type Row = Readonly<Record<string, unknown>>;

/** How each kind of odd row is written. */
const ODD: Readonly<Record<Exclude<OddRows, "too many">, (row: Row) => Row>> = {
  "no status": ({ status: _, ...row }) => row,
  "an unknown status": (row) => ({ ...row, status: "on_hold" }),
  "a long id": ({ id, ...row }) => ({ ...row, id: longId(String(id)) }),
  "no id": ({ id: _, ...row }) => row,
  "no amount": ({ amount: _, ...row }) => row,
};

/** An id that is too long. */
function longId(id: string): string {
  return id.padEnd(MAX_ID_LENGTH + 1, "0");
}

/** More rows than an order may keep. */
function tooMany(rows: readonly Row[]): readonly Row[] {
  return [...rows, ...Array.from({ length: MAX_ROWS }, (_, index) => ({ id: `filler-${index}`, amount: -0.01, status: "error" }))];
}

/** The answer of a read with odd rows of refunds. Any other answer, and one without rows, is returned unchanged. */
export function withOddRows(reply: Reply, how: OddRows): Reply {
  const answer = parsed(reply.body);
  const rows = answer?.["refund_payments"];
  if (!Array.isArray(rows) || rows.length === 0) return reply;
  const written = how === "too many" ? tooMany(rows as Row[]) : (rows as Row[]).map(ODD[how]);
  return { ...reply, body: JSON.stringify({ ...answer, refund_payments: written }) };
}

function parsed(body: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}
