/** What a backup says of itself. It is written last, so a folder without it is no whole backup. */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { WORKERD_VERSION } from "./workerd-process.ts";

/** The layout of a backup. A later one gets another number. */
const FORMAT = 1;

const NAME = "manifest.json";

export interface Manifest {
  readonly format: typeof FORMAT;
  /** The version of this package that made it. */
  readonly version: string;
  readonly workerd: string;
  /** ISO 8601, UTC. Every order that had begun by then is in the backup. */
  readonly begun_at: string;
  readonly ended_at: string;
  /** SQLite files. */
  readonly files: number;
}

/** Writes the manifest of a backup that ends now. */
export function writeManifest(folder: string, { begunAt, files }: { readonly begunAt: Date; readonly files: number }): Manifest {
  const { version }: { version: string } = createRequire(import.meta.url)("freedom-pay-charge/package.json");
  const ended = new Date().toISOString();
  const manifest: Manifest = { format: FORMAT, version, workerd: WORKERD_VERSION, begun_at: begunAt.toISOString(), ended_at: ended, files };
  writeFileSync(join(folder, NAME), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
  return manifest;
}

/** Reads a manifest. @returns it, or a text that says why the folder is no backup */
export function readManifest(folder: string): Manifest | string {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, NAME), "utf8")) as Manifest;
    if (manifest.format !== FORMAT) return `${folder} is a backup of another version of this package (format ${manifest.format})`;
    return manifest;
  } catch {
    return `${folder} is not a backup: it has no readable ${NAME}`;
  }
}
