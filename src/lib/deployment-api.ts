/** The edge's answers about itself, as schemas and types: a part of src/edge-api.ts. */
import * as v from "valibot";
import type { Output } from "./entries.ts";
import { list } from "./entries.ts";

const healthy = { ok: v.literal(true) };

/** The answer to `GET /healthz` without problems. */
export interface HealthAnswer extends Output<typeof healthy> {}

export const healthAnswer: v.GenericSchema<HealthAnswer> = v.object(healthy);

const check = {
  /** A setting's name, or `bindings`, `callbacks`, `https`, `payer's address`, `signer`, `gateway`, `clock`. */
  name: v.string(),
  ok: v.boolean(),
  /** The result of the check, in English. Never the value of a secret. */
  finding: v.string(),
  /** Advice; null where nothing is to be done. */
  fix: v.nullable(v.string()),
};

/** One check of the doctor. */
export interface DoctorCheck extends Output<typeof check> {}

export const doctorCheck: v.GenericSchema<DoctorCheck> = v.object(check);

const report = {
  /** Whether every check is `ok`. */
  ok: v.boolean(),
  /**
   * Where the edge runs, as far as the request shows it: on Cloudflare, in `wrangler dev`, on workerd (your own server), or somewhere
   * else. The advice depends on it.
   */
  platform: v.picklist(["cloudflare", "wrangler_dev", "workerd", "other"]),
  checks: list(doctorCheck),
};

/** The answer to `GET /v1/doctor`. */
export interface DoctorReport extends Output<typeof report> {}

export const doctorReport: v.GenericSchema<DoctorReport> = v.object(report);
