/** RESULTS.md: what the benches measured last, a section for each. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { circumstances } from "./machine.ts";
import { IS_QUICK } from "./rounds.ts";

const FILE = new URL("RESULTS.md", import.meta.url);

const SECTIONS = ["Edge", "Before", "Sign", "One charge", "Growth", "Worker", "Element"] as const;

/** A section of the page. */
export type Section = (typeof SECTIONS)[number];

const INTRODUCTION = `# Results of the benches

Written by \`npm run bench\`. Every figure is the median of its rounds, with the least and the greatest in brackets. Variants are measured in
turn, round by round; a ratio is that of two figures of the same round. Absolute figures belong to one machine; compare the ratios.`;

/** The goals that a section's last run has measured, for the next one to be compared with. */
function goalsOf(section: string | undefined): string {
  const goals = section?.split("\n\n").find((paragraph) => paragraph.startsWith("| goal |"));
  return goals === undefined ? "" : `\n\nThe run before:\n\n${goals}`;
}

/** Prints a section, and replaces it in RESULTS.md. */
export function writeSection(section: Section, text: string, versions: Readonly<Record<string, string>> = {}): void {
  const written = `${circumstances(versions)}\n\n${text}`;
  console.log(`\n## ${section}\n\n${written}\n`);
  if (IS_QUICK) return;
  const before = existsSync(FILE) ? readFileSync(FILE, "utf8") : "";
  const parts = SECTIONS.map((name) => {
    const kept = before.split(`\n## ${name}\n`)[1]?.split("\n## ")[0]?.trim();
    const content = name === section ? written + goalsOf(kept) : kept;
    return content === undefined ? null : `## ${name}\n\n${content}`;
  });
  writeFileSync(FILE, `${[INTRODUCTION, ...parts.filter((part) => part !== null)].join("\n\n")}\n`);
}
