/** What the edge answers about itself, each as a schema and the type of it: a part of src/edge-api.ts. */
import * as v from "valibot";
import type { Output } from "./entries.ts";
import { list } from "./entries.ts";

const healthy = { ok: v.literal(true) };

/** What `GET /healthz` answers when all is well. */
export interface HealthAnswer extends Output<typeof healthy> {}

export const healthAnswer: v.GenericSchema<HealthAnswer> = v.object(healthy);

const check = {
  /** A setting's name, or `bindings`, `callbacks`, `https`, `payer's address`, `signer`, `gateway`, `clock`. */
  name: v.string(),
  ok: v.boolean(),
  /** What was found, in English. Never the value of a secret. */
  finding: v.string(),
  /** What to do about it; null where nothing is to be done. */
  fix: v.nullable(v.string()),
};

/** One thing that the doctor looked at. */
export interface DoctorCheck extends Output<typeof check> {}

export const doctorCheck: v.GenericSchema<DoctorCheck> = v.object(check);

const report = {
  /** Whether every check is. */
  ok: v.boolean(),
  /**
   * Where the edge runs, as far as the request shows it: on Cloudflare, in `wrangler dev`, on bare workerd (a server of one's own), or
   * somewhere else. What to do about a finding fits it.
   */
  platform: v.picklist(["cloudflare", "wrangler_dev", "workerd", "other"]),
  checks: list(doctorCheck),
};

/** What `GET /v1/doctor` answers. */
export interface DoctorReport extends Output<typeof report> {}

export const doctorReport: v.GenericSchema<DoctorReport> = v.object(report);
