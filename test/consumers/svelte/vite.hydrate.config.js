import { mergeConfig } from "vite";
import config from "./vite.config.js";

// The page that a server rendered loads this file by its name.
export default mergeConfig(config, {
  build: { outDir: "dist-hydrate", rolldownOptions: { input: "src/hydrate.ts", output: { entryFileNames: "hydrate.js" } } },
});
