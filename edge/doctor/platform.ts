/** Where the edge runs, so that the doctor's advice fits the place. Pure. */
import type { DoctorReport } from "../../src/edge-api.ts";

/** Where the edge runs. */
export type Platform = DoctorReport["platform"];

/**
 * Where the edge runs, as far as a request tells: Cloudflare names its data centre and the request's Ray; `wrangler dev` makes up a data
 * centre; bare workerd gives the peer's address alone. Behind a proxy, Cloudflare's too, workerd does the same.
 */
export function platformOf({ cf, headers }: Request): Platform {
  if (typeof cf?.["colo"] === "string") return headers.has("CF-Ray") ? "cloudflare" : "wrangler_dev";
  return typeof cf?.["clientIp"] === "string" ? "workerd" : "other";
}

/** How a secret is set there: the end of a sentence that begins with "set it". */
export function howToSet(secret: string, platform: Platform): string {
  const ways: Readonly<Record<Platform, string>> = {
    cloudflare: `by wrangler secret put ${secret}`,
    wrangler_dev: `as ${secret} in .dev.vars, and start the edge again`,
    workerd: `as ${secret} in the edge's environment, and start it again`,
    other: `as ${secret} where this edge takes its secrets from`,
  };
  return ways[platform];
}
