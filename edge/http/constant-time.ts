/**
 * Whether two texts are equal. The time does not depend on where they differ: all bytes of their SHA-256 digests are compared. It does show
 * whether they have the same length, which is no secret.
 */
export async function equalTexts(one: string, other: string): Promise<boolean> {
  if (one.length !== other.length) return false;
  const [a, b] = await Promise.all([digest(one), digest(other)]);
  let difference = 0;
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0);
  return difference === 0;
}

/** Whether a text equals one of several. All of them are compared. */
export async function isOneOf(text: string, candidates: readonly string[]): Promise<boolean> {
  const same = await Promise.all(candidates.map((candidate) => equalTexts(text, candidate)));
  return same.includes(true);
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
