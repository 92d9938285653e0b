/** Recipes in inputs/ for texts and bytes that JSON cannot contain, or that are too long to read. */

/** A part of a text: a text, a repetition, bytes, a single UTF-16 code unit, or the valid text that the input changes. */
export type Piece =
  | string
  | { readonly times: number; readonly of: string }
  | { readonly hex: string }
  | { readonly codeUnit: number }
  | { readonly good: true };

/** A text, or its pieces. */
export type Recipe = string | readonly Piece[];

/**
 * The text of a recipe.
 *
 * @param good what the piece `{"good": true}` stands for
 * @throws when a piece is bytes: only {@link bytesOf} can make them
 */
export function textOf(recipe: Recipe, good = ""): string {
  if (typeof recipe === "string") return recipe;
  return recipe.map((piece) => textOfPiece(piece, good)).join("");
}

/**
 * The bytes of a recipe, its texts in UTF-8.
 *
 * @param good what the piece `{"good": true}` stands for
 */
export function bytesOf(recipe: Recipe, good: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
  const pieces = typeof recipe === "string" ? [recipe] : recipe;
  return joined(pieces.map((piece) => bytesOfPiece(piece, good)));
}

/** Several arrays of bytes as one. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

function textOfPiece(piece: Piece, good: string): string {
  if (typeof piece === "string") return piece;
  if ("times" in piece) return piece.of.repeat(piece.times);
  if ("codeUnit" in piece) return String.fromCharCode(piece.codeUnit);
  if ("good" in piece) return good;
  throw new Error("This recipe makes bytes");
}

function bytesOfPiece(piece: Piece, good: Uint8Array): Uint8Array {
  if (typeof piece === "object" && "good" in piece) return good;
  if (typeof piece === "object" && "hex" in piece) {
    return Uint8Array.from(piece.hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  }
  return new TextEncoder().encode(textOfPiece(piece, ""));
}

/**
 * A text with some of its parts replaced, each the first that is there.
 *
 * @throws when a part is not there: the input would be the good one
 */
export function swapped(text: string, swaps: readonly (readonly [from: string, to: string])[]): string {
  return swaps.reduce((now, [from, to]) => {
    if (!now.includes(from)) throw new Error(`There is no ${from} to replace`);
    return now.replace(from, () => to);
  }, text);
}
