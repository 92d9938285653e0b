import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../scripts/run.ts";

test("the drawing of the edge has at most 15 boxes, and no arrow leads up", () => {
  const drawing = execFileSync(process.execPath, [join(ROOT, "scripts/imports.ts")], { cwd: ROOT, encoding: "utf8" });
  const boxes = drawing.split("\n").flatMap((line) => /^ {2}(\S+)/.exec(line)?.[1] ?? []);
  expect(boxes.length).toBeGreaterThan(5);
  expect(boxes.length).toBeLessThanOrEqual(15);
  for (const line of drawing.split("\n")) {
    const [box, targets = ""] = line.trim().split(" -> ");
    for (const target of targets.split("  ").filter((one) => one !== ""))
      expect(boxes.indexOf(target.trim()), `${box} imports ${target}`).toBeGreaterThan(boxes.indexOf(box?.trim() ?? ""));
  }
});
