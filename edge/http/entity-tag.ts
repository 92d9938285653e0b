/** 64-bit FNV-1a: offset basis and prime (draft-eastlake-fnv). */
const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/**
 * The entity tag of a view: a digest of its JSON, so that answers with the same content have the same tag. It is synchronous, because an
 * object must not yield between reading its rows and starting to wait.
 */
export function entityTag(view: unknown): string {
  let digest = OFFSET;
  for (const byte of new TextEncoder().encode(JSON.stringify(view))) digest = BigInt.asUintN(64, (digest ^ BigInt(byte)) * PRIME);
  return `"${digest.toString(36)}"`;
}

/** The entity tags of an `If-None-Match` header (RFC 9110 §13.1.2): opaque parts with their quotes. `*` matches any. */
export function readIfNoneMatch(header: string | null): readonly string[] {
  if (header === null) return [];
  if (header.trim() === "*") return ["*"];
  // Weak comparison, so that a tag that a proxy has weakened still matches.
  return [...header.matchAll(/(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g)].map(([, tag]) => tag ?? "");
}

/**
 * Suffixes that servers in between append to a tag when they compress an answer, so that the compressed one has its own tag: `-gzip`
 * (Apache, Caddy, Tomcat), `--gzip` (Jetty), `;gz` and `;;;` (LiteSpeed), `;gzip` (Django), `-df` (Traffic Server), `-ssl-df` (Netlify) and
 * `:0` (IIS). Few of them remove it again from a client's request. Several such servers append several suffixes.
 */
const SUFFIXES = /^(?:[-;:+.~_/]{1,2}(?:x-)?(?:gzip|gz|br|brotli|zstd|zst|deflate|df|compress|identity|dcb|dcz|ssl)|;;;|:\d+)*"$/i;

/**
 * Whether the caller already has the representation with this tag. Our own tags consist of letters and digits, so the part before a known
 * suffix is our tag.
 */
export function isKnown(etag: string, tags: readonly string[]): boolean {
  const stem = etag.replace(/^W\//, "").slice(0, -1);
  return tags.some((tag) => tag === "*" || (tag.startsWith(stem) && SUFFIXES.test(tag.slice(stem.length))));
}
