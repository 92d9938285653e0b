/** Asks an edge's doctor, and puts the report into words. */
import type { DoctorCheck, DoctorReport, Problem } from "../src/edge-api.ts";
import type { ExitCode } from "./terminal.ts";

/** Milliseconds: the doctor waits for the gateway itself, 10 s for each key. */
const PATIENCE = 30_000;

/**
 * Asks `GET /v1/doctor` and writes the report, with what to do about every finding.
 *
 * @param edge as {@link readEdgeUrl} gives it: the API key goes there and nowhere else
 */
export async function doctorAt(edge: string, apiKey: string, write: (text: string) => void): Promise<ExitCode> {
  write(`The doctor of ${edge}\n\n`);
  const answer = await ask(`${edge}/v1/doctor`, apiKey);
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
      // The key is for the address that was named, not for another that it leads to.
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

/** Whoever answers, the edge or not: what is read below is of its type. A `platform` that is not known here is not read. */
function isReport(json: unknown): json is DoctorReport {
  if (!isObject(json) || typeof json["ok"] !== "boolean") return false;
  const { checks } = json;
  return Array.isArray(checks) && checks.length > 0 && checks.every(isCheck);
}

function isCheck(json: unknown): json is DoctorCheck {
  if (!isObject(json)) return false;
  const { name, ok, finding, fix } = json;
  return typeof name === "string" && typeof ok === "boolean" && typeof finding === "string" && (fix === null || typeof fix === "string");
}

const PLATFORMS: Readonly<Record<DoctorReport["platform"], string>> = {
  cloudflare: "It runs on Cloudflare.\n\n",
  wrangler_dev: "It runs in wrangler dev.\n\n",
  workerd: "It runs on workerd, on a server of your own.\n\n",
  other: "",
};

/** The report as one reads it. */
export function reportText({ ok, platform, checks }: DoctorReport): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map((check) => lineOf(check, width));
  const wrong = checks.filter((check) => !check.ok).length;
  const end = ok ? `All is well: ${checks.length} checks.` : `${wrong} of ${checks.length} checks found something.`;
  return printable(`${Object.hasOwn(PLATFORMS, platform) ? PLATFORMS[platform] : ""}${lines.join("")}\n${end}\n`);
}

/** Without what a terminal would obey. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]/gu, "?");
}

function lineOf({ name, ok, finding, fix }: DoctorCheck, width: number): string {
  const line = `${ok ? "  ok  " : "FAULT "} ${name.padEnd(width)}  ${finding}\n`;
  return fix === null ? line : `${line}       ${" ".repeat(width)}  → ${fix}\n`;
}

/** What an answer means that is no report. */
function refusalText(status: number, json: unknown): readonly [ExitCode, string] {
  const { code, detail } = isObject(json) ? (json as Partial<Problem>) : {};
  if (code === "not_configured") {
    const faults = printable(String(detail ?? ""))
      .split("; ")
      .map((fault) => `FAULT  ${fault}\n`);
    return [1, `${faults.join("")}\nWithout a good EDGE_API_KEY at the edge it says no more. Set that one first, then ask again.\n`];
  }
  if (code === "api_key_invalid") return [2, "It does not know this API key: EDGE_API_KEY here and at the edge differ.\n"];
  if (code === "rate_limited") return [2, "Too many refused calls came from this address: wait a minute.\n"];
  if (status >= 300 && status < 400) {
    return [2, `HTTP ${status}: it leads elsewhere, and the API key is not sent after it. Give the edge's own address.\n`];
  }
  if (status === 404) return [2, "There is no doctor at this URL: is it the edge, and of this version?\n"];
  return [2, `HTTP ${status}${typeof code === "string" ? `, ${printable(code)}` : ": this is not the edge's answer"}.\n`];
}
