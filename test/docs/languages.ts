/** The languages of docs/any-language.md, and how their code is run. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onlyCodeBlock } from "./code-block.ts";
import { NODE_20 } from "./old-node.ts";

/** The input of the page's code. */
export type Question =
  | { readonly charge: Readonly<Record<string, unknown>>; readonly key: string; readonly issuer: string }
  | { readonly body: string; readonly headers: Readonly<Record<string, string>>; readonly secrets: string }
  | { readonly view: Readonly<Record<string, unknown>>; readonly price: number; readonly currency: string };

/** A token, a notification, whether a charge is paid, or an error. */
export type Answer =
  | { readonly token: string }
  | { readonly notification: Readonly<Record<string, unknown>> }
  | { readonly paid: boolean }
  | { readonly refused: string };

interface Language {
  readonly name: string;
  /** The language of the code fence. */
  readonly fence: string;
  /** The command that prints its version. */
  readonly version: readonly [command: string, ...args: string[]];
  readonly file: string;
  readonly run: readonly [command: string, ...args: string[]];
  /** Makes a program of the page's code. It reads a JSON list of inputs, and writes the list of results. */
  readonly program: (code: string) => string;
}

/** JavaScript on one Node. */
function javaScript(name: string, node: string): Language {
  return {
    name,
    fence: "js",
    version: [node, "--version"],
    file: "main.mjs",
    run: [node, "main.mjs"],
    program: (code) => `${code}
import { readFileSync } from "node:fs";
const answer = ({ charge, key, issuer, body, headers, secrets, view, price, currency }) => {
  if (view) return { paid: isPaid(view, price, currency) };
  if (charge) return { token: chargeToken(charge, key, issuer) };
  try { return { notification: openNotification(Buffer.from(body), headers, secrets) }; }
  catch (error) { return { refused: error.message }; }
};
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(answer)));`,
  };
}

const LANGUAGES: readonly Language[] = [
  javaScript("JavaScript", process.execPath),
  javaScript("JavaScript on Node 20", NODE_20 ?? "no-node-20"),
  {
    name: "PHP",
    fence: "php",
    version: ["php", "--version"],
    file: "main.php",
    // Independent of php.ini: warnings are errors, and they are printed.
    run: ["php", "-n", "-d", "error_reporting=-1", "-d", "display_errors=stderr", "main.php"],
    program: (code) => `<?php
declare(strict_types=1);
set_error_handler(function (int $level, string $message) { throw new ErrorException($message); });
${code}
$answers = array_map(function (array $item): array {
    if (isset($item['view'])) return ['paid' => is_paid($item['view'], $item['price'], $item['currency'])];
    if (isset($item['charge'])) return ['token' => charge_token($item['charge'], $item['key'], $item['issuer'])];
    $server = [];
    foreach ($item['headers'] as $name => $value) $server['HTTP_' . strtoupper(strtr($name, '-', '_'))] = $value;
    try { return ['notification' => open_notification($item['body'], $server, $item['secrets'])]; }
    catch (Exception $error) { return ['refused' => $error->getMessage()]; }
}, json_decode(file_get_contents('php://stdin'), true, 512, JSON_THROW_ON_ERROR));
echo json_encode($answers, JSON_THROW_ON_ERROR);`,
  },
  {
    name: "Python",
    fence: "python",
    version: ["python3", "--version"],
    file: "main.py",
    run: ["python3", "-I", "main.py"],
    program: (code) => `${code}
import sys

def answer(item):
    if "view" in item:
        return {"paid": is_paid(item["view"], item["price"], item["currency"])}
    if "charge" in item:
        return {"token": charge_token(item["charge"], item["key"], item["issuer"])}
    try:
        return {"notification": open_notification(item["body"].encode(), item["headers"], item["secrets"])}
    except ValueError as error:
        return {"refused": str(error)}

print(json.dumps([answer(item) for item in json.loads(sys.stdin.buffer.read())]))`,
  },
  {
    name: "Go",
    fence: "go",
    version: ["go", "version"],
    file: "main.go",
    run: ["go", "run", "main.go"],
    program: (code) => `package main
${code.replace("import (", 'import (\n\t"os"')}
type question struct {
	Charge, View map[string]any
	Key, Issuer, Body, Secrets, Currency string
	Price int64
	Headers map[string]string
}
func answer(item question) map[string]any {
	if item.View != nil {
		return map[string]any{"paid": isPaid(item.View, item.Price, item.Currency)}
	}
	if item.Charge != nil {
		token, err := chargeToken(item.Charge, item.Key, item.Issuer)
		if err != nil { panic(err) }
		return map[string]any{"token": token}
	}
	header := func(name string) string { return item.Headers[name] }
	notification, err := openNotification([]byte(item.Body), header, item.Secrets)
	if err != nil { return map[string]any{"refused": err.Error()} }
	return map[string]any{"notification": notification}
}
func main() {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil { panic(err) }
	answers := []map[string]any{}
	for _, item := range questions { answers = append(answers, answer(item)) }
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil { panic(err) }
}`,
  },
];

/** The languages of the page that are installed here. */
export const INSTALLED: readonly Language[] = LANGUAGES.filter(({ version: [command, ...args] }) => spawnSync(command, args).status === 0);

/** The names of all languages of the page. */
export const NAMES: readonly string[] = LANGUAGES.map(({ name }) => name);

/** Runs the page's code once, as a program of its own, and asks it all questions. */
export function ask({ fence, file, run: [command, ...args], program }: Language, questions: readonly Question[]): readonly Answer[] {
  const folder = mkdtempSync(join(tmpdir(), "any-language-"));
  try {
    writeFileSync(join(folder, file), program(onlyCodeBlock("docs/any-language.md", fence)));
    const output = execFileSync(command, args, { cwd: folder, input: JSON.stringify(questions), encoding: "utf8" });
    return JSON.parse(output) as readonly Answer[];
  } finally {
    rmSync(folder, { recursive: true });
  }
}
