/** 64-bit FNV-1a: offset basis and prime (draft-eastlake-fnv). */
const OFFSET = 0xcbf29ce484222325n;
const PRIME = 0x100000001b3n;

/**
 * The entity tag of a view: a digest of its JSON, so that two answers with the same content have the same tag whatever led to them.
 * Synchronous, for an object must not let anything come between reading its rows and starting to wait.
 */
export function entityTag(view: unknown): string {
  let digest = OFFSET;
  for (const byte of new TextEncoder().encode(JSON.stringify(view))) digest = BigInt.asUintN(64, (digest ^ BigInt(byte)) * PRIME);
  return `"${digest.toString(36)}"`;
}

/** The entity tags of an `If-None-Match` header (RFC 9110 §13.1.2), opaque parts with their quotes; `*` stands for any. */
export function readIfNoneMatch(header: string | null): readonly string[] {
  if (header === null) return [];
  if (header.trim() === "*") return ["*"];
  // Weak comparison, so that a tag which a proxy weakened on its way still matches.
  return [...header.matchAll(/(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g)].map(([, tag]) => tag ?? "");
}

/**
 * What servers in between put behind a tag when they compress an answer, so that the compressed one has a tag of its own: `-gzip` (Apache,
 * Caddy, Tomcat), `--gzip` (Jetty), `;gz` and `;;;` (LiteSpeed), `;gzip` (Django), `-df` (Traffic Server), `-ssl-df` (Netlify) and `:0`
 * (IIS). Few of them take it off again when a client asks with it. There may be several such servers, so there may be several of these.
 */
const SUFFIXES = /^(?:[-;:+.~_/]{1,2}(?:x-)?(?:gzip|gz|br|brotli|zstd|zst|deflate|df|compress|identity|dcb|dcz|ssl)|;;;|:\d+)*"$/i;

/**
 * Whether a representation with this tag is what the caller already has. Our own tags are letters and digits alone, so what stands before a
 * known suffix is the tag that we gave.
 */
export function isKnown(etag: string, tags: readonly string[]): boolean {
  const stem = etag.replace(/^W\//, "").slice(0, -1);
  return tags.some((tag) => tag === "*" || (tag.startsWith(stem) && SUFFIXES.test(tag.slice(stem.length))));
}
