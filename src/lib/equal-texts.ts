/** Compares secrets. */

/**
 * Whether two texts of ASCII are equal. The time depends on their lengths, which are no secret, and not on where they differ.
 */
export function equalTexts(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let index = 0; index < one.length; index += 1) difference |= one.charCodeAt(index) ^ other.charCodeAt(index);
  return difference === 0;
}
