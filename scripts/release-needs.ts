/** What stands between a commit and a release. */

/** The state of the repository. */
export interface ReleaseState {
  readonly manifest: {
    readonly version: string;
    readonly repository?: unknown;
    readonly homepage?: unknown;
    readonly bugs?: unknown;
    readonly author?: unknown;
  };
  readonly changelog: string;
  /** The tags of the commit. */
  readonly tags: readonly string[];
  /** Whether everything is committed. */
  readonly isClean: boolean;
}

/** The fields that say whose package it is. They are placeholders until somebody publishes it: {@link PLACEHOLDER}. */
const OWNER_FIELDS = ["repository", "homepage", "bugs", "author"] as const;

const PLACEHOLDER = /\bAUTHOR\b|\bOWNER\b|\.(?:invalid|example)\b/;

/** What is missing, as sentences. Empty if nothing is. */
export function releaseNeeds({ manifest, changelog, tags, isClean }: ReleaseState): readonly string[] {
  const { version } = manifest;
  const [, heading, date = ""] = /^## \[([^\]]+)\](?: - (.*))?$/m.exec(changelog) ?? [];
  return [
    ...OWNER_FIELDS.flatMap((field) => {
      const text = JSON.stringify(manifest[field] ?? "");
      if (text === '""') return [`package.json names no ${field}`];
      return PLACEHOLDER.test(text) ? [`${field} in package.json is a placeholder`] : [];
    }),
    ...(heading === version ? [] : [`CHANGELOG.md begins with ${heading ?? "no version"}, not with ${version}`]),
    ...(/^\d{4}-\d{2}-\d{2}$/.test(date) ? [] : [`CHANGELOG.md gives ${heading ?? "it"} no date`]),
    ...(tags.includes(`v${version}`) ? [] : [`this commit has no tag v${version}`]),
    ...(isClean ? [] : ["not everything is committed"]),
  ];
}
