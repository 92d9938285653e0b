/** docs/first-payment.md: its token, and in every installed language the card that is attached to an account. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { openChargeToken } from "../../src/charge-token.ts";
import { codeBlocks, onlyCodeBlock } from "./code-block.ts";
import { installPackage } from "./installed-package.ts";

const PAGE = "docs/first-payment.md";
/** The shop is run by test/end-to-end/readme-shop.test.ts. */
const [TOKEN = "", SAMPLE = "", , ...OTHERS] = codeBlocks(PAGE, "js");

interface Language {
  readonly name: string;
  readonly version: readonly [command: string, ...args: string[]];
  readonly file: string;
  readonly run: readonly [command: string, ...args: string[]];
  /** A program that reads a JSON list of cases, and writes the list of what the sample returns. */
  readonly program: string;
}

const LANGUAGES: readonly Language[] = [
  {
    name: "JavaScript",
    version: [process.execPath, "--version"],
    file: "main.mjs",
    run: [process.execPath, "main.mjs"],
    program: `${SAMPLE}
import { readFileSync } from "node:fs";
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(({ user, code, charge }) => profileToAttach(user, code, charge))));`,
  },
  {
    name: "PHP",
    version: ["php", "--version"],
    file: "main.php",
    run: ["php", "-n", "-d", "error_reporting=-1", "-d", "display_errors=stderr", "main.php"],
    program: `<?php
declare(strict_types=1);
set_error_handler(function (int $level, string $message) { throw new ErrorException($message); });
${onlyCodeBlock(PAGE, "php")}
$cases = json_decode(file_get_contents('php://stdin'), true, 512, JSON_THROW_ON_ERROR);
echo json_encode(array_map(fn (array $case) => profile_to_attach($case['user'], $case['code'], $case['charge']), $cases), JSON_THROW_ON_ERROR);`,
  },
  {
    name: "Python",
    version: ["python3", "--version"],
    file: "main.py",
    run: ["python3", "-I", "main.py"],
    program: `${onlyCodeBlock(PAGE, "python")}
import json, sys

print(json.dumps([profile_to_attach(case["user"], case["code"], case["charge"]) for case in json.loads(sys.stdin.buffer.read())]))`,
  },
];

const INSTALLED = LANGUAGES.filter(({ version: [command, ...args] }) => spawnSync(command, args).status === 0);

const CODE = "Qm9sZCBhcyBicmFzcyBhcHBs";
const PROFILE = { profile_id: "60144557.Jx2vT0pQh3mZ5sYb", expires_at: null, card: { brand: "visa", last4: "1111" }, return_code: CODE };
const CHARGE = { order_id: "1234", status: "succeeded", user_id: "alice", profile: PROFILE };

/** The session's user, the code of the request, and the charge that the server read. */
interface Case {
  readonly user: string | null;
  readonly code: unknown;
  readonly charge: Readonly<Record<string, unknown>>;
}

const ATTACHED: Case = { user: "alice", code: CODE, charge: CHARGE };

const REFUSED: readonly (readonly [string, Partial<Case>])[] = [
  ["the wrong session", { user: "mallory" }],
  ["nobody's session", { user: null }],
  ["a session without a user", { user: "", charge: { ...CHARGE, user_id: "" } }],
  ["the wrong code", { code: "Qm9sZCBhcyBicmFzcyBhcHBx" }],
  ["no code", { code: null }],
  ["an empty code", { code: "" }],
  ["the beginning of the code", { code: CODE.slice(0, -1) }],
  ["the code and more", { code: `${CODE}x` }],
  ["a code that is not ASCII", { code: "код" }],
  ["the code as a list, as a doubled parameter is in some frameworks", { code: [CODE] }],
  ["the code as an object, as brackets in a parameter make it in some frameworks", { code: { a: CODE } }],
  ["another user's order, with its code", { charge: { ...CHARGE, user_id: "bob" } }],
  ["a profile that is not known yet", { charge: { ...CHARGE, profile: null } }],
  ["a profile that is not known yet, without a code", { code: null, charge: { ...CHARGE, profile: null } }],
  ["a profile without a code, and a return without one", { code: null, charge: { ...CHARGE, profile: { ...PROFILE, return_code: null } } }],
  ["a profile with an empty code, and a return with one", { code: "", charge: { ...CHARGE, profile: { ...PROFILE, return_code: "" } } }],
  ["a refusal of the edge in place of the charge", { charge: { type: "about:blank", status: 404, code: "charge_not_found" } }],
  ["a refusal of the edge, and nobody's session", { user: null, charge: { status: 404, code: "charge_not_found" } }],
];

/** What the sample of a language returns for each case, in one run of its program. */
function returnsOf({ file, run: [command, ...args], program }: Language, cases: readonly Case[]): readonly unknown[] {
  const folder = mkdtempSync(join(tmpdir(), "first-payment-"));
  try {
    writeFileSync(join(folder, file), program);
    return JSON.parse(execFileSync(command, args, { cwd: folder, input: JSON.stringify(cases), encoding: "utf8" })) as readonly unknown[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.each(INSTALLED.map((language) => [language.name, language] as const))("The sample in %s", (_name, language) => {
  let returns: readonly unknown[];
  beforeAll(() => void (returns = returnsOf(language, [ATTACHED, ...REFUSED.map(([, change]) => ({ ...ATTACHED, ...change }))])));

  test("attaches the card with the session and the code", () => {
    expect(returns[0]).toEqual(PROFILE);
  });

  test.each(REFUSED.map(([name], index) => [name, index] as const))("attaches nothing with %s", (_case, index) => {
    expect(returns[index + 1]).toBeNull();
  });
});

test(`of the page's languages JavaScript, PHP and Python these were run: ${INSTALLED.map(({ name }) => name).join(", ")}`, () => {
  expect(INSTALLED.map(({ name }) => name)).toContain("JavaScript");
  expect(OTHERS).toEqual([]);
});

test("the token in ten lines has a payment page, and no profile", async () => {
  expect(
    TOKEN.trimEnd()
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("import")).length,
  ).toBeLessThanOrEqual(10);
  const folder = mkdtempSync(join(tmpdir(), "first-payment-"));
  const key = "test-secret-charge-token-key-0123456789abcdef";
  try {
    installPackage(folder);
    writeFileSync(join(folder, "token.mjs"), `${TOKEN}\nprocess.stdout.write(token);`);
    const env = { PATH: process.env["PATH"], CHARGE_TOKEN_KEY: key };
    const { charge, origin } = await openChargeToken(
      execFileSync(process.execPath, ["token.mjs"], { cwd: folder, env, encoding: "utf8" }),
      {
        keys: [key],
      },
    );
    expect(charge).toMatchObject({
      amount: 1999.9,
      user_id: "12345",
      payment_page: { return_url: "https://shop.example/orders/1234", save_card_months: 12, language: "kk" },
    });
    expect(charge.profile_id).toBeUndefined();
    expect(origin).toBe("https://shop.example");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
