/** Asks an edge's doctor, and puts the report into words. */
import type { DoctorCheck, DoctorReport, Problem } from "../src/edge-api.ts";
import type { ExitCode } from "./run-command.ts";

/** Milliseconds: the doctor waits for the gateway itself, 10 s for each key. */
const PATIENCE = 30_000;

/** Asks `GET /v1/doctor` and writes the report, with what to do about every finding. */
export async function doctorAt(url: string, apiKey: string, write: (text: string) => void): Promise<ExitCode> {
  const base = url.replace(/\/+$/, "");
  write(`The doctor of ${base}\n\n`);
  const answer = await ask(`${base}/v1/doctor`, apiKey);
  if (typeof answer === "string") {
    write(`${answer}\n`);
    return 2;
  }
  const { status, json } = answer;
  if (isReport(json)) {
    write(reportText(json));
    return json.ok ? 0 : 1;
  }
  const [code, text] = refusalText(status, json);
  write(text);
  return code;
}

async function ask(url: string, apiKey: string): Promise<{ readonly status: number; readonly json: unknown } | string> {
  try {
    const response = await fetch(url, {
      headers: { Authorization: `Bearer ${apiKey}`, Accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const text = await response.text();
    return { status: response.status, json: jsonOf(text) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error && "code" in error.cause ? ` (${String(error.cause.code)})` : "";
    const isLate = error instanceof Error && error.name === "TimeoutError";
    return isLate ? `It did not answer within ${PATIENCE / 1000} s.` : `It is not reached${cause}: see the URL, and whether the edge runs.`;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === "object" && json !== null;
}

function isReport(json: unknown): json is DoctorReport {
  return isObject(json) && typeof json["ok"] === "boolean" && Array.isArray(json["checks"]);
}

/** The report as one reads it. */
export function reportText({ ok, checks }: DoctorReport): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map((check) => lineOf(check, width));
  const wrong = checks.filter((check) => !check.ok).length;
  const end = ok ? `All is well: ${checks.length} checks.` : `${wrong} of ${checks.length} checks found something.`;
  return `${lines.join("")}\n${end}\n`;
}

function lineOf({ name, ok, finding, fix }: DoctorCheck, width: number): string {
  const line = `${ok ? "  ok  " : "FAULT "} ${name.padEnd(width)}  ${finding}\n`;
  return fix === null ? line : `${line}       ${" ".repeat(width)}  → ${fix}\n`;
}

/** What an answer means that is no report. */
function refusalText(status: number, json: unknown): readonly [ExitCode, string] {
  const { code, detail } = isObject(json) ? (json as Partial<Problem>) : {};
  if (code === "not_configured") {
    const faults = (detail ?? "").split("; ").map((fault) => `FAULT  ${fault}\n`);
    return [1, `${faults.join("")}\nWithout a good EDGE_API_KEY at the edge it says no more. Set that one first, then ask again.\n`];
  }
  if (code === "api_key_invalid") return [2, "It does not know this API key: EDGE_API_KEY here and at the edge differ.\n"];
  if (code === "rate_limited") return [2, "Too many refused calls came from this address: wait a minute.\n"];
  if (status === 404) return [2, "There is no doctor at this URL: is it the edge, and of this version?\n"];
  return [2, `HTTP ${status}${code === undefined ? ": this is not the edge's answer" : `, ${code}`}.\n`];
}
