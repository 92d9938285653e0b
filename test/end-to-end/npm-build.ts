import { build } from "vite";
import { ROOT } from "../../scripts/run.ts";

/** The entry of {@link buildNpmEntry}, by its path on the page's origin. */
export const NPM_ENTRY = "/assets/entry.js";

/** What a page's bundler makes of `import "freedom-pay-charge/widget/define"`: each file by its path on the page's origin. */
export async function buildNpmEntry(): Promise<ReadonlyMap<string, string>> {
  const outputs = await build({
    root: ROOT,
    configFile: false,
    logLevel: "error",
    publicDir: false,
    define: { "process.env.NODE_ENV": '"production"' },
    resolve: { conditions: ["module", "browser", "production"] },
    build: { write: false, rolldownOptions: { input: "widget/define.ts", output: { entryFileNames: NPM_ENTRY.slice(1) } } },
  });
  const chunks = (Array.isArray(outputs) ? outputs : [outputs]).flatMap((one) => ("output" in one ? one.output : []));
  return new Map(chunks.flatMap((chunk) => (chunk.type === "chunk" ? [[`/${chunk.fileName}`, chunk.code] as const] : [])));
}
