/**
 * The check of the Merchant API: whether each of its paths that the edge calls is there. Each gets one POST whose signature is wrong and
 * whose form has no profile, payment or amount, so the gateway can only refuse it. That charges nothing and changes nothing.
 */
import type { DoctorCheck } from "../../src/edge-api.ts";
import type { MerchantAction } from "../../src/merchant-api/calls.ts";
import { MERCHANT_ACTIONS } from "../../src/merchant-api/calls.ts";
import { callMerchantGateway, createMerchantGateway } from "../../src/merchant-api/client.ts";
import type { MerchantOutcome } from "../../src/merchant-api/outcome.ts";
import type { MerchantCallName } from "../../src/merchant-api/paths.ts";
import { pathOf } from "../../src/merchant-api/paths.ts";
import { SECOND } from "../../src/lib/time.ts";
import { requestId } from "../../src/request-id.ts";
import type { Settings } from "../settings.ts";
import { notChecked } from "./settings-check.ts";

/** Milliseconds for one call, because an operator waits for the report. */
const TIMEOUT = 10 * SECOND;

/** The calls that the edge makes. */
const CALLED = [
  "initPayment",
  "makeRecurringPayment",
  "getStatus",
  "doCapture",
  "cancel",
  "revoke",
  "listCards",
] as const satisfies readonly MerchantCallName[];

/** What a wrongly signed call says about its path. */
type Verdict = "there" | "merchant unknown" | "not there" | "unreachable" | "odd";

interface Probe {
  readonly path: string;
  readonly verdict: Verdict;
  /** Such as ` (HTTP 404)`; empty if it says nothing. */
  readonly detail: string;
}

type MerchantSettings = Pick<Settings, "gatewayUrl" | "merchantId" | "merchantApiPaths">;

/** Calls each path once, at the same time. */
export async function merchantApiChecks(settings: Partial<Settings>): Promise<readonly DoctorCheck[]> {
  const name = "merchant API";
  const { gatewayUrl, merchantId, merchantApiPaths, profileApi } = settings;
  if (profileApi === "async")
    return [{ name, ok: true, finding: "is not used for stored cards (PROFILE_API); payment pages need it", fix: null }];
  if (gatewayUrl === undefined || merchantId === undefined || merchantApiPaths === undefined || profileApi === undefined)
    return [notChecked(name, "FREEDOM_PAY_MERCHANT_ID, FREEDOM_PAY_URL, PROFILE_API and MERCHANT_API_PATHS")];
  const probes = await Promise.all(CALLED.map((call) => probe({ gatewayUrl, merchantId, merchantApiPaths }, call)));
  return [checkOf(new URL(gatewayUrl).host, probes)];
}

async function probe({ gatewayUrl: url, merchantId, merchantApiPaths: paths }: MerchantSettings, name: MerchantCallName): Promise<Probe> {
  // A random key, so that the merchant's own key signs nothing here and the signature is wrong for every merchant.
  const gateway = createMerchantGateway({ url, merchantId, paths, secretKey: requestId() });
  const action: MerchantAction<unknown> = MERCHANT_ACTIONS[name];
  const outcome = await callMerchantGateway(gateway, { action, requestId: requestId(), body: "" }, { timeout: TIMEOUT });
  return { path: pathOf(paths, name, merchantId), ...verdictOf(outcome) };
}

/** Reasons of an answer that did not come from the gateway's API, or of none. */
const UNREACHABLE: ReadonlySet<string> = new Set(["network", "timeout", "aborted", "rate_limited", "server_error"]);

function verdictOf(outcome: MerchantOutcome<unknown>): Pick<Probe, "verdict" | "detail"> {
  if (outcome.kind === "answered") return { verdict: "odd", detail: " (accepted)" };
  if (outcome.kind === "refused") {
    const { httpStatus, code } = outcome;
    if (httpStatus === 401 || code === "1100") return { verdict: "there", detail: "" };
    return code === "9998" ? { verdict: "merchant unknown", detail: "" } : { verdict: "odd", detail: ` (code ${code})` };
  }
  const { httpStatus, reason } = outcome;
  const detail = httpStatus === null ? ` (${reason})` : ` (HTTP ${httpStatus})`;
  if (UNREACHABLE.has(reason)) return { verdict: "unreachable", detail };
  return reason === "not_xml" || reason === "redirect" ? { verdict: "not there", detail } : { verdict: "odd", detail: ` (${reason})` };
}

/** What is found of the paths with a verdict, and its fix; the worst verdict first. */
const FINDINGS: Readonly<Record<Exclude<Verdict, "there">, readonly [finding: string, fix: string]>> = {
  unreachable: [
    "does not answer at",
    "Check FREEDOM_PAY_URL, and whether this edge may call the internet; try again later; ask Freedom Pay if it persists",
  ],
  "not there": [
    "has no Merchant API at",
    'Ask Freedom Pay for the paths and set them in MERCHANT_API_PATHS, such as {"getStatus":"/get_status3"}; or set PROFILE_API to async if no profile is a number',
  ],
  "merchant unknown": ["does not know the merchant (code 9998) at", "Compare FREEDOM_PAY_MERCHANT_ID with the merchant's cabinet"],
  odd: [
    "does not refuse a wrong signature with 401 or code 1100 at",
    "Ask the manager at Freedom Pay whether the merchant may use this API",
  ],
};

function checkOf(host: string, probes: readonly Probe[]): DoctorCheck {
  const name = "merchant API";
  const verdicts = ["unreachable", "not there", "merchant unknown", "odd"] as const;
  const found = verdicts
    .map((verdict) => ({ verdict, paths: probes.filter((one) => one.verdict === verdict) }))
    .filter(({ paths }) => paths.length > 0);
  const [worst] = found;
  if (worst === undefined)
    return { name, ok: true, finding: `${host} has all ${probes.length} paths, and refuses a wrong signature at each`, fix: null };
  const parts = found.map(
    ({ verdict, paths }) => `${FINDINGS[verdict][0]} ${paths.map(({ path, detail }) => `${path}${detail}`).join(", ")}`,
  );
  return { name, ok: false, finding: `${host} ${parts.join("; ")}`, fix: FINDINGS[worst.verdict][1] };
}
