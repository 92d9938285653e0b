/** The platform that the edge runs on, so that the doctor's advice fits it. Pure. */
import type { DoctorReport } from "../../src/edge-api.ts";

/** The platforms. */
export type Platform = DoctorReport["platform"];

/**
 * The platform, as far as a request shows it:
 * 1. Cloudflare sets its data centre and the header CF-Ray.
 * 2. `wrangler dev` sets a made-up data centre.
 * 3. Bare workerd sets the peer's address alone, also behind a proxy such as Cloudflare's.
 */
export function platformOf({ cf, headers }: Request): Platform {
  if (typeof cf?.["colo"] === "string") return headers.has("CF-Ray") ? "cloudflare" : "wrangler_dev";
  return typeof cf?.["clientIp"] === "string" ? "workerd" : "other";
}

/** How to set a secret on a platform: the end of a sentence that begins with "set it". */
export function howToSet(secret: string, platform: Platform): string {
  const ways: Readonly<Record<Platform, string>> = {
    cloudflare: `by wrangler secret put ${secret}`,
    wrangler_dev: `as ${secret} in .dev.vars, and start the edge again`,
    workerd: `as ${secret} in the edge's environment, and start it again`,
    other: `as ${secret} where this edge reads its secrets`,
  };
  return ways[platform];
}
