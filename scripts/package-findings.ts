/** What must not be in the published package. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./run.ts";

/** npm runs these scripts of a package where it is installed. */
const INSTALL_SCRIPTS: readonly string[] = ["preinstall", "install", "postinstall"];

/** The published paths. */
const PUBLISHED =
  /^(?:dist\/|docs\/[\w-]+\.md$|docs\/(?:storefront|screenshots\/gallery)\.png$|(?:edge|src\/simulator)\/README\.md$|[\w-]+\.json$|[A-Z]+(?:\.md)?$)/;

/** Files of the sources that a mistake in `files` or in a build could publish. */
const UNPUBLISHED = /(?<!\.d)\.ts$|\.map$|\.toml$|(?:^|\/)\.|(?:^|\/)(?:test|node_modules)\//;

/** An import or a re-export, as tsc writes it. */
const IMPORT = /^(?:import|export)\s(?:[^;"'=]*?\sfrom\s)?["']([^"'\n]+)["'];?$|\bimport\("([^"\n]+)"\)/gm;

interface Manifest {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * What is wrong with an unpacked package: files and imports that do not belong in it, install scripts, inexact dependencies, paths of this
 * machine.
 *
 * @param folder - of its package.json
 */
export function packageFindings(folder: string): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return [...manifestFindings(manifest), ...files.flatMap((file) => fileFindings(folder, file, manifest))];
}

function manifestFindings({ scripts = {}, dependencies = {} }: Manifest): readonly string[] {
  return [
    ...INSTALL_SCRIPTS.filter((name) => name in scripts).map((name) => `package.json runs ${name} where it is installed`),
    ...Object.entries(dependencies)
      .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
      .map(([name, version]) => `${name} is ${version}, no exact version`),
  ];
}

function fileFindings(folder: string, file: string, manifest: Manifest): readonly string[] {
  if (!PUBLISHED.test(file) || UNPUBLISHED.test(file)) return [`${file} does not belong in it`];
  const text = readFileSync(join(folder, file), "utf8");
  return [
    ...(text.includes(ROOT) ? [`${file} has a path of this machine`] : []),
    ...(file.endsWith(".js") ? undeclaredImports(text, manifest).map((name) => `${file} imports ${name}, which is no dependency`) : []),
  ];
}

function undeclaredImports(code: string, { dependencies = {}, peerDependencies = {} }: Manifest): readonly string[] {
  const declared = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
  return Array.from(code.matchAll(IMPORT), ([, from, dynamic]) => from ?? dynamic ?? "")
    .filter((name) => !/^(?:\.|node:|cloudflare:)/.test(name))
    .map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name)
    .filter((name) => !declared.has(name));
}
