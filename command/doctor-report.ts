/** Calls the doctor of an edge and formats its report. */
import type { DoctorCheck, DoctorReport, Problem } from "../src/edge-api.ts";
import type { ExitCode } from "./terminal.ts";

/** Milliseconds. The doctor waits for the gateway, up to 10 s for each key. */
const TIMEOUT = 30_000;

/**
 * Calls `GET /v1/doctor` and writes the report, with advice for every finding.
 *
 * @param edge the URL from {@link readEdgeUrl}; the API key is sent only there
 */
export async function runDoctor(edge: string, apiKey: string, write: (text: string) => void): Promise<ExitCode> {
  write(`The doctor of ${edge}\n\n`);
  const answer = await requestReport(`${edge}/v1/doctor`, apiKey);
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

async function requestReport(url: string, apiKey: string): Promise<{ readonly status: number; readonly json: unknown } | string> {
  try {
    const response = await fetch(url, {
      headers: { Authorization: `Bearer ${apiKey}`, Accept: "application/json" },
      // The key is only for this address, not for the target of a redirect.
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const text = await response.text();
    return { status: response.status, json: jsonOf(text) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error && "code" in error.cause ? ` (${String(error.cause.code)})` : "";
    const isLate = error instanceof Error && error.name === "TimeoutError";
    return isLate
      ? `The edge did not answer within ${TIMEOUT / 1000} s.`
      : `The edge cannot be reached${cause}. Check the URL, and that the edge runs.`;
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

/** Whether an answer has the members that are read below, with their types. An unknown `platform` is ignored. */
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

/** The report as text. */
export function reportText({ ok, platform, checks }: DoctorReport): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.map((check) => lineOf(check, width));
  const failed = checks.filter((check) => !check.ok).length;
  const end = ok ? `No problems: ${checks.length} checks.` : `${failed} of ${checks.length} checks found something.`;
  return printable(`${Object.hasOwn(PLATFORMS, platform) ? PLATFORMS[platform] : ""}${lines.join("")}\n${end}\n`);
}

/** Replaces control characters, because a terminal would execute them. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]/gu, "?");
}

function lineOf({ name, ok, finding, fix }: DoctorCheck, width: number): string {
  const line = `${ok ? "  ok  " : "FAULT "} ${name.padEnd(width)}  ${finding}\n`;
  return fix === null ? line : `${line}       ${" ".repeat(width)}  → ${fix}\n`;
}

/** The meaning of an answer that is not a report. */
function refusalText(status: number, json: unknown): readonly [ExitCode, string] {
  const { code, detail } = isObject(json) ? (json as Partial<Problem>) : {};
  if (code === "not_configured") {
    const lines = printable(String(detail ?? ""))
      .split("; ")
      .map((line) => `FAULT  ${line}\n`);
    return [
      1,
      `${lines.join("")}\nThe doctor reports no more without a valid EDGE_API_KEY at the edge. Set that first, then run the doctor again.\n`,
    ];
  }
  if (code === "api_key_invalid") return [2, "The edge refused this API key: EDGE_API_KEY here and at the edge differ.\n"];
  if (code === "rate_limited") return [2, "Too many refused calls came from this address. Wait a minute.\n"];
  if (status >= 300 && status < 400) {
    return [2, `HTTP ${status}: a redirect. The API key is not sent to another address. Use the edge's own URL.\n`];
  }
  if (status === 404) return [2, "There is no doctor at this URL. Check that it is an edge of this version.\n"];
  return [2, `HTTP ${status}${typeof code === "string" ? `, ${printable(code)}` : ": this is not the edge's answer"}.\n`];
}
