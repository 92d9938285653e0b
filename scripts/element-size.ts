// What the element weighs, by module: prints it, and writes it down for the test that says which module grew.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ELEMENT_LIMIT, measureElement } from "./element.ts";
import { ROOT } from "./run.ts";

const { total, modules } = await measureElement();
for (const [name, weight] of Object.entries(modules)) console.log(`${String(weight).padStart(6)}  ${name}`);
console.log(`${String(total).padStart(6)}  in all, of ${ELEMENT_LIMIT} (bytes, gzip -9; what modules share is counted in none)`);
writeFileSync(join(ROOT, "test/widget/element-size.json"), `${JSON.stringify(modules, null, 2)}\n`);
