/**
 * The doctor: every check of a deployment that is possible without a charge, from where the edge runs. A live test covers the rest
 * (docs/doctor.md).
 */
import type { DoctorCheck, DoctorReport } from "../../src/edge-api.ts";
import { gatewayChecks } from "./gateway-check.ts";
import { merchantApiChecks } from "./merchant-check.ts";
import { bindingChecks, consistencyChecks, settingChecks } from "./settings-check.ts";
import { signsAsPublished } from "../http/health.ts";
import { platformOf } from "./platform.ts";
import { shardChecks } from "./shard-check.ts";
import { examineSettings } from "../settings.ts";

/**
 * Examines a deployment. Works also when settings are missing.
 *
 * @param env the Worker's environment
 * @param request the request for the report: it shows the address, and the headers that a proxy sets
 */
export async function examine(env: Readonly<Record<string, unknown>>, request: Request): Promise<DoctorReport> {
  const platform = platformOf(request);
  const { values } = examineSettings(env);
  const checks: readonly DoctorCheck[] = [
    ...settingChecks(env, platform),
    ...bindingChecks(env, platform),
    ...consistencyChecks(env, request),
    await signerCheck(),
    ...(await gatewayChecks(values, platform)),
    ...(await merchantApiChecks(values)),
    ...(await shardChecks(env, values)),
  ];
  return { ok: checks.every(({ ok }) => ok), platform, checks };
}

async function signerCheck(): Promise<DoctorCheck> {
  const name = "signer";
  if (await signsAsPublished()) return { name, ok: true, finding: "reproduces the official example's signature", fix: null };
  const fix = "This runtime computes HMAC-SHA-256 wrongly, or the package is damaged: reinstall it";
  return { name, ok: false, finding: "does not reproduce the official example's signature", fix };
}
