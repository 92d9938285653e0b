/**
 * Collects the tests of a file with vitest's API: `describe`, `test`, `.each` and the hooks. Test files import it instead of vitest,
 * so that one worker can run the same test repeatedly. `expect`, `vi` and the rest are vitest's own.
 */
export { expect, expectTypeOf, inject, vi } from "vitest";

type Body = () => unknown;

/** A block of tests with its hooks. */
interface Block {
  readonly name: string;
  readonly around: Block | null;
  readonly before: Body[];
  readonly after: Body[];
  readonly beforeEach: Body[];
  readonly afterEach: Body[];
  isBegun: boolean;
}

/** One test, ready to run. */
export interface Case {
  readonly name: string;
  readonly block: Block;
  readonly body: Body;
}

function blockOf(name: string, around: Block | null): Block {
  return { name, around, before: [], after: [], beforeEach: [], afterEach: [], isBegun: false };
}

/** The tests of this file, in order. */
export const cases: Case[] = [];

let block: Block = blockOf("", null);

function register(name: string, body: Body): void {
  cases.push({ name: block.name === "" ? name : `${block.name} > ${name}`, block, body });
}

function open(name: string, body: Body): void {
  const around = block;
  block = blockOf(around.name === "" ? name : `${around.name} > ${name}`, around);
  body();
  block = around;
}

type Each = (table: readonly unknown[]) => (name: string, body: (...row: unknown[]) => unknown) => void;

/** Spreads rows if all of them are arrays, like vitest. */
function eachOf(begin: (name: string, body: Body) => void): Each {
  return (table) => (name, body) => {
    const rows = table.every(Array.isArray) ? (table as readonly unknown[][]) : table.map((row) => [row]);
    for (const [number, row] of rows.entries()) begin(`${name} [${number}]`, () => body(...row));
  };
}

export const test: typeof register & { readonly each: Each } = Object.assign(register, { each: eachOf(register) });
export const describe: typeof open & { readonly each: Each } = Object.assign(open, { each: eachOf(open) });

export function beforeAll(body: Body): void {
  block.before.push(body);
}

export function afterAll(body: Body): void {
  block.after.push(body);
}

export function beforeEach(body: Body): void {
  block.beforeEach.push(body);
}

export function afterEach(body: Body): void {
  block.afterEach.push(body);
}

/** The blocks around a test, the outermost first. */
function blocksOf(innermost: Block): readonly Block[] {
  return innermost.around === null ? [innermost] : [...blocksOf(innermost.around), innermost];
}

/** Runs one test with its hooks. Throws the test's error; the hooks after it always run. */
export async function runCase({ block: innermost, body }: Case): Promise<void> {
  const blocks = blocksOf(innermost);
  for (const one of blocks) {
    if (one.isBegun) continue;
    one.isBegun = true;
    for (const hook of one.before) await hook();
  }
  try {
    for (const hook of blocks.flatMap((one) => one.beforeEach)) await hook();
    await body();
  } finally {
    for (const hook of blocks.toReversed().flatMap((one) => one.afterEach)) await hook();
  }
}

/** Runs the afterAll hooks of these tests' blocks. */
export async function endBlocks(run: readonly Case[]): Promise<void> {
  const begun = new Set(run.flatMap(({ block: innermost }) => blocksOf(innermost)).filter((one) => one.isBegun));
  for (const one of [...begun].toReversed()) {
    for (const hook of one.after) await hook();
  }
}
