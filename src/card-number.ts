/** Finding card numbers in texts that must be free of them (design, "The charge token"). */

const SHORTEST = 15;
const LONGEST = 19;

/** Digit groups parted by single spaces or dashes, in any of their Unicode forms. */
const SEQUENCE = /\d+(?:[\p{Zs}\p{Pd}]\d+)*/gu;

/**
 * Whether a text holds a card number: whole digit groups, parted by single spaces or dashes, that together have 15 to
 * 19 digits, begin with 2 to 6 and pass the Luhn check (ISO/IEC 7812-1, annex B). Every run of neighbouring groups is
 * looked at, not only the longest; a part of a group is not.
 *
 * @param text Any text; the time it takes grows with its length only.
 */
export function holdsCardNumber(text: string): boolean {
  for (const [sequence] of text.matchAll(SEQUENCE)) {
    if (hasCardNumber(sequence.split(/\D/u))) return true;
  }
  return false;
}

function hasCardNumber(groups: readonly string[]): boolean {
  for (let first = 0; first < groups.length; first += 1) {
    let digits = "";
    for (let last = first; last < groups.length; last += 1) {
      digits += groups[last] ?? "";
      if (digits.length > LONGEST) break;
      if (digits.length >= SHORTEST && isCardNumber(digits)) return true;
    }
  }
  return false;
}

function isCardNumber(digits: string): boolean {
  return /^[2-6]/.test(digits) && passesLuhn(digits);
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const weighed = place % 2 === 0 ? digit : digit * 2;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0;
}
