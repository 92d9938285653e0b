/** The units of docs/self-hosting.md, as systemd reads them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { walkBlock } from "../../scripts/deploy-page.ts";

/** The most exposure that `systemd-analyze security` may find, in tenths: below it says "OK". */
const MOST_EXPOSURE = { "freedom-pay-charge.service": 20, "freedom-pay-charge-backup.service": 30 } as const;

const UNITS = {
  "freedom-pay-charge.service": walkBlock("unit"),
  "freedom-pay-charge-backup.service": walkBlock("backup service"),
  "freedom-pay-charge-backup.timer": walkBlock("backup timer"),
} as const;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "units-"));
  for (const [name, text] of Object.entries(UNITS)) writeFileSync(join(folder, name), text);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function analyze(...args: readonly string[]): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync("systemd-analyze", args, { encoding: "utf8", env: { ...process.env, PAGER: "" } });
  return { status, said: `${stdout}${stderr}` };
}

describe.each(Object.keys(UNITS))("%s", (name) => {
  test("is verified without a complaint", () => {
    expect(analyze("verify", "--man=no", "--recursive-errors=no", join(folder, name))).toEqual({ status: 0, said: "" });
  });

  test("a directive that does not exist is found", () => {
    const wrong = join(folder, `wrong-${name}`);
    writeFileSync(wrong, UNITS[name as keyof typeof UNITS].replace(/^\[(Service|Timer)\]$/m, "[$1]\nProtectEverything=yes"));
    expect(analyze("verify", "--man=no", "--recursive-errors=no", wrong).said).toContain("ProtectEverything");
  });
});

describe.each(Object.entries(MOST_EXPOSURE))("%s", (name, most) => {
  test(`is exposed to at most ${most / 10} of 10`, () => {
    const { status, said } = analyze("security", "--offline=true", "--no-pager", `--threshold=${most}`, join(folder, name));
    expect(status, said).toBe(0);
    console.log(said.split("\n").find((line) => line.includes("Overall exposure")));
  });
});
