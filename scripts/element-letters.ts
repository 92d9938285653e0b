// Looks for a minute which Latin letter had best stand for which Cyrillic one in the script-tag file, and prints the LETTERS of element-lean.ts
// with which it weighs least. By simulated annealing: a letter moves or two change places, and what is worse is kept ever less often.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { buildElement, ELEMENT_FILE } from "./element.ts";
import { LETTERS, packedText } from "./element-lean.ts";

const DURATION = 60_000;
const LOCALES = ["kk", "ru"];
/** From `A` to `z`, what is between the capitals and the small ones is no letter. */
const PLACES = Array.from({ length: 58 }, (_, place) => place).filter((place) => place < 26 || place > 31);

await buildElement();
const file = readFileSync(ELEMENT_FILE, "utf8");
const parts = [LETTERS, ...LOCALES.map((locale) => packedText(locale, LETTERS).text)];
for (const part of parts) if (file.split(part).length !== 2) throw new Error(`Not once in the file: ${part}`);

function weigh(letters: string): number {
  const texts = [letters, ...LOCALES.map((locale) => packedText(locale, letters).text)];
  return gzipSync(
    parts.reduce((code, part, index) => code.replace(part, () => texts[index] ?? ""), file),
    { level: 9 },
  ).length;
}

function random(limit: number): number {
  return Math.floor(Math.random() * limit);
}

let now = [...LETTERS.padEnd(58, ".")];
let weight = weigh(LETTERS);
let best = { letters: LETTERS, weight };
console.log(`${weight} bytes as it is`);
const begun = Date.now();
for (let gone = 0; gone < 1; gone = (Date.now() - begun) / DURATION) {
  const next = [...now];
  const [one, other] = [PLACES[random(PLACES.length)] ?? 0, PLACES[random(PLACES.length)] ?? 0];
  [next[one], next[other]] = [next[other] ?? ".", next[one] ?? "."];
  const letters = next.join("").replace(/\.+$/, "");
  const nextWeight = weigh(letters);
  if (nextWeight > weight && Math.random() > Math.exp((weight - nextWeight) / (0.05 + 6 * (1 - gone) ** 2))) continue;
  now = next;
  weight = nextWeight;
  if (weight < best.weight) best = { letters, weight };
}
console.log(`${best.weight} bytes with\n${best.letters}`);
