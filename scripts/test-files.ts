/** The files that the arguments of `npm test` name. vitest finds the project of each; what it does not find belongs to another command. */

/** Tests of other commands, because they need the npm registry, root, minutes or a quiet machine. */
const ELSEWHERE: readonly (readonly [file: RegExp, command: string])[] = [
  [/^test\/consumers\//, "npm run consumers"],
  [/^test\/deploy\//, "npm run test:deploy"],
  [/^test\/bench\//, "npm run bench"],
  [/^test\/endurance\//, "npm run endurance"],
  [/\.long\.(?:browser\.)?test\.ts$/, "npm run test:long"],
];

function filesIn(args: readonly string[]): readonly string[] {
  return args.map((arg) => arg.replace(/^\.\//, "")).filter((arg) => /^test\/[\w./-]+$/.test(arg));
}

/** The command that runs a named file which `npm test` does not run, such as `npm run bench -- test/bench/load.bench.ts`; null without one. */
export function otherCommand(args: readonly string[]): string | null {
  for (const file of filesIn(args)) {
    const [, command] = ELSEWHERE.find(([pattern]) => pattern.test(file)) ?? [];
    if (command !== undefined) return `${command} -- ${file}`;
  }
  return null;
}

/** Whether a browser may be needed: not if every named file is a test that runs in Node or workerd. */
export function mayNeedBrowser(args: readonly string[]): boolean {
  const files = filesIn(args);
  return files.length === 0 || !files.every((file) => file.endsWith(".test.ts") && !/\.browser\.|^test\/end-to-end\//.test(file));
}
