/** What stands between a commit and a release. */

/** The state of the repository. */
export interface ReleaseState {
  readonly manifest: { readonly version: string; readonly repository?: unknown };
  readonly changelog: string;
  /** The tags of the commit. */
  readonly tags: readonly string[];
  /** Whether everything is committed. */
  readonly isClean: boolean;
}

/** What is missing, as sentences. Empty if nothing is. */
export function releaseNeeds({ manifest: { version, repository }, changelog, tags, isClean }: ReleaseState): readonly string[] {
  const [, heading, date = ""] = /^## \[([^\]]+)\](?: - (.*))?$/m.exec(changelog) ?? [];
  return [
    ...(repository === undefined ? ["package.json names no repository, and provenance needs it"] : []),
    ...(heading === version ? [] : [`CHANGELOG.md begins with ${heading ?? "no version"}, not with ${version}`]),
    ...(/^\d{4}-\d{2}-\d{2}$/.test(date) ? [] : [`CHANGELOG.md gives ${heading ?? "it"} no date`]),
    ...(tags.includes(`v${version}`) ? [] : [`this commit has no tag v${version}`]),
    ...(isClean ? [] : ["not everything is committed"]),
  ];
}
