/** The runtimes that come from the npm registry, with their exact versions. Nothing is downloaded from elsewhere. */

/** One program that runs JavaScript. */
export interface PinnedRuntime {
  readonly name: "Node" | "Deno" | "Bun";
  readonly version: string;
  /** The package that has the program, or that depends on the package of this platform that has it. */
  readonly install: string;
  /** Where the program is, as a pattern from the folder of the installation. */
  readonly program: string;
  /** Its arguments before the file to run. */
  readonly args: readonly string[];
}

const PLATFORM = process.platform === "win32" ? "win" : process.platform;

function node(version: string): PinnedRuntime {
  const name = `node-${PLATFORM}-${process.arch}`;
  return { name: "Node", version, install: `${name}@${version}`, program: `node_modules/${name}/bin/node*`, args: [] };
}

/** The oldest Node that `engines` of package.json allows, the newest of each later line, and the newest Deno and Bun that were tried. */
export const PINNED_RUNTIMES: readonly PinnedRuntime[] = [
  node("20.19.0"),
  node("22.23.3"),
  node("24.21.0"),
  node("26.12.1"),
  {
    name: "Deno",
    version: "2.9.6",
    install: "deno@2.9.6",
    program: "node_modules/@deno/*/deno*",
    args: ["run", "--no-prompt", "--allow-net=127.0.0.1", "--no-remote", "--node-modules-dir=manual"],
  },
  { name: "Bun", version: "1.4.5", install: "bun@1.4.5", program: "node_modules/@oven/*/bin/bun*", args: ["run", "--no-install"] },
];
