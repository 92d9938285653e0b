/** The types of `cloudflare:workers` in a test: the bindings of wrangler.toml and vite.config.ts, and the Worker itself. */
// biome-ignore lint/style/noNamespace: the types of Workers are extended this way
declare namespace Cloudflare {
  interface Env extends Readonly<Record<string, unknown>> {
    readonly CHARGES: DurableObjectNamespace<import("../../edge/charge.ts").Charge>;
    readonly DAYS: DurableObjectNamespace<import("../../edge/daily-index.ts").DailyIndex>;
    readonly REFUSED_CREDENTIALS: RateLimit;
  }

  interface GlobalProps {
    mainModule: typeof import("../../edge/worker.ts");
    durableNamespaces: "Charge" | "DailyIndex";
  }
}
