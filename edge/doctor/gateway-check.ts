/**
 * Checks of the gateway: whether it can be reached, accepts the signature, and has the same time. They read a request that cannot exist
 * (`gateway.request.status`). That charges nothing and changes nothing.
 */
import type { DoctorCheck } from "../../src/edge-api.ts";
import { callGateway, createGateway } from "../../src/gateway.ts";
import { httpTime } from "../../src/lib/gateway-time.ts";
import { SECOND } from "../../src/lib/time.ts";
import type { Outcome } from "../../src/outcome.ts";
import type { RequestState } from "../../src/payment.ts";
import { requestStatus } from "../../src/payment.ts";
import { requestId } from "../../src/request-id.ts";
import { isSignatureRefusal } from "../machine/pending-call.ts";
import { notChecked } from "./settings-check.ts";
import type { Platform } from "./platform.ts";
import type { Settings } from "../settings.ts";

/** Milliseconds for one call, because an operator waits for the report. */
const TIMEOUT = 10 * SECOND;

/** Milliseconds by which the clocks may differ: half of the leeway of tokens. */
const CLOCK_LEEWAY = 30 * SECOND;

/** One answer of the gateway. */
interface ProbeResult {
  readonly outcome: Outcome<RequestState>;
  /** The gateway's clock minus ours, in milliseconds. Null if its answer has no date. */
  readonly clockOffset: number | null;
}

type GatewaySettings = Pick<Settings, "gatewayUrl" | "merchantId" | "gatewayKeys">;

/** Calls the gateway once with each of the merchant's keys. */
export async function gatewayChecks(
  { gatewayUrl, merchantId, gatewayKeys }: Partial<Settings>,
  platform: Platform,
): Promise<readonly DoctorCheck[]> {
  const needs = "FREEDOM_PAY_MERCHANT_ID, FREEDOM_PAY_URL and FREEDOM_PAY_SECRET_KEY";
  if (gatewayUrl === undefined || merchantId === undefined || gatewayKeys === undefined)
    return [notChecked("gateway", needs), notChecked("clock", needs)];
  const settings = { gatewayUrl, merchantId, gatewayKeys };
  const probes = await Promise.all(gatewayKeys.map((secretKey) => probe(settings, secretKey)));
  return [...keyChecks(settings, probes), clockCheck(probes, platform)];
}

async function probe({ gatewayUrl: url, merchantId }: GatewaySettings, secretKey: string): Promise<ProbeResult> {
  let clockOffset: number | null = null;
  const timedFetch = async (request: Request): Promise<Response> => {
    const sentAt = Date.now();
    const response = await globalThis.fetch(request);
    const date = httpTime(response.headers.get("Date"));
    // A Date header has whole seconds, so the true time is half a second later on average.
    if (!Number.isNaN(date)) clockOffset = date + 500 - (sentAt + Date.now()) / 2;
    return response;
  };
  const gateway = await createGateway({ url, merchantId, secretKey });
  const outcome = await callGateway(gateway, requestStatus({ id: requestId() }, requestId()), { timeout: TIMEOUT, fetch: timedFetch });
  return { outcome, clockOffset };
}

type Verdict = "accepted" | "wrong key" | "other";

function verdictOf(outcome: Outcome<RequestState>): Verdict {
  if (outcome.kind === "refused" && isSignatureRefusal({ how: "refused", ...outcome })) return "wrong key";
  if (outcome.kind === "refused") return outcome.category === "not_found" ? "accepted" : "other";
  if (outcome.kind === "unknown") return "other";
  const code = outcome.answer.response?.error?.code;
  return code === "1202" || code === "11068" ? "accepted" : "other";
}

function keyChecks({ gatewayUrl, gatewayKeys }: GatewaySettings, probes: readonly ProbeResult[]): readonly DoctorCheck[] {
  const oneIsAccepted = probes.some(({ outcome }) => verdictOf(outcome) === "accepted");
  return probes.map(({ outcome }, index): DoctorCheck => {
    const isFirst = index === 0;
    const keyName = gatewayKeys.length === 1 ? "the key" : isFirst ? "the first key (new)" : "the second key (old)";
    const name = gatewayKeys.length === 1 ? "gateway" : `gateway, ${isFirst ? "new" : "old"} key`;
    const verdict = verdictOf(outcome);
    const host = new URL(gatewayUrl).host;
    if (verdict === "accepted") return { name, ok: true, finding: `${host} is reached and accepts the signature of ${keyName}`, fix: null };
    if (verdict === "other") return { name, ok: false, ...findingOf(host, outcome) };
    const finding = `${host} is reached and refuses the signature of ${keyName} (401, code 1100)`;
    if (!oneIsAccepted) {
      const fix =
        "Compare FREEDOM_PAY_SECRET_KEY and FREEDOM_PAY_MERCHANT_ID with the merchant's cabinet; test and production have different keys";
      return { name, ok: false, finding, fix };
    }
    // While a key is rotated the gateway refuses one of the two. That is expected.
    const fix = isFirst
      ? "Register the new key at Freedom Pay; until then every call is sent twice"
      : "The rotation is complete: set the new key alone";
    return { name, ok: true, finding, fix };
  });
}

type Finding = Pick<DoctorCheck, "finding" | "fix">;

function findingOf(host: string, outcome: Outcome<RequestState>): Finding {
  if (outcome.kind === "answered")
    return {
      finding: `${host} has a request that cannot exist`,
      fix: "Ask Freedom Pay: the edge could not distinguish a lost answer from a payment that was never made",
    };
  if (outcome.kind === "refused")
    return {
      finding: `${host} accepts the signature and refuses the call with code ${/^\w{1,20}$/.test(outcome.code) ? outcome.code : "(odd)"}`,
      fix: "Ask the manager at Freedom Pay whether the merchant may use the Gateway API",
    };
  const status = outcome.httpStatus === null ? "" : ` (HTTP ${outcome.httpStatus})`;
  const { finding, fix } = UNKNOWN_FINDINGS[outcome.reason];
  return { finding: `${host} ${finding}${status}`, fix };
}

const FIX_BLOCKED = "Ask Freedom Pay to allow this Worker's addresses in their firewall, and check your own proxies and firewalls";
const FIX_LATER = "Try again later; ask Freedom Pay if it persists";

const UNKNOWN_FINDINGS: Readonly<Record<Extract<Outcome<never>, { kind: "unknown" }>["reason"], Finding>> = {
  network: {
    finding: "is not reached: the connection was refused or cut off",
    fix: "Check FREEDOM_PAY_URL, and whether this edge may call the internet",
  },
  timeout: { finding: `does not answer within ${TIMEOUT / 1000} s`, fix: FIX_BLOCKED },
  aborted: { finding: "was not awaited: the call was aborted", fix: FIX_LATER },
  redirect: { finding: "answers with a redirect, which is never followed", fix: "Check FREEDOM_PAY_URL: it must be the gateway itself" },
  rate_limited: { finding: "answers that there are too many calls", fix: FIX_LATER },
  server_error: { finding: "answers with a server error", fix: FIX_LATER },
  not_json: { finding: "is blocked on the way: a web page comes back instead of an answer", fix: FIX_BLOCKED },
  odd_json: { finding: "gives an answer that is not the gateway's", fix: "Check FREEDOM_PAY_URL" },
};

function clockCheck(probes: readonly ProbeResult[], platform: Platform): DoctorCheck {
  const name = "clock";
  const clockOffset = probes.find((one) => one.clockOffset !== null)?.clockOffset ?? null;
  if (clockOffset === null) return { name, ok: true, finding: "not compared: no answer with a date", fix: null };
  const seconds = Math.round(Math.abs(clockOffset) / 1000);
  if (Math.abs(clockOffset) <= CLOCK_LEEWAY)
    return { name, ok: true, finding: `agrees with the gateway's within ${Math.max(1, seconds)} s`, fix: null };
  const finding = `is ${seconds} s ${clockOffset > 0 ? "behind" : "ahead of"} the gateway's`;
  const fix =
    platform === "cloudflare"
      ? "Cloudflare sets a Worker's clock: ask Freedom Pay about theirs"
      : "Synchronize this machine's clock with NTP: charge tokens have a leeway of 60 s";
  return { name, ok: false, finding, fix };
}
