/** Finds card numbers in texts that must not contain them (design, "The charge token"). */

const MIN_DIGITS = 15;
const MAX_DIGITS = 19;

/**
 * The card numbers of each scheme: first digits and length. Together they separate a card number from an IMEI, a barcode or a parcel
 * number, of which one in ten passes Luhn too.
 *
 * Sources: the design's list, which is that of Wikipedia, "Payment card number", with Uzcard and Humo. The others are from public tables
 * of card types, because their operators publish none. Their first digits follow ISO/IEC 7812-1: 9, then the country's number in
 * ISO 3166-1 (417 Kyrgyzstan, 860 Uzbekistan, 112 Belarus, 804 Ukraine, 792 Türkiye).
 */
const SCHEMES: readonly RegExp[] = [
  /3[47]\d{13}/, // American Express
  /5[1-5]\d{14}|(?:222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}/, // Mastercard
  /4\d{15}(?:\d{3})?/, // Visa
  /220[0-4]\d{12,15}/, // Mir
  /(?:352[89]|35[3-8]\d)\d{12,15}/, // JCB
  /(?:30[0-5]|3[689]\d)\d{13,16}/, // Diners Club
  /(?:50\d|5[678]\d|639|67\d)\d{13,16}/, // Maestro
  /(?:6011|64[4-9]\d|65\d\d)\d{12,15}/, // Discover
  /62\d{14,17}/, // UnionPay
  /(?:8600|5614)\d{12}/, // Uzcard
  /9860\d{12}/, // Humo
  /9417\d{12}(?:\d{3})?/, // Elcart
  /(?:9112|9804|9792)\d{12}/, // Belkart, Prostir, Troy
];

const CARD_NUMBER = new RegExp(`^(?:${SCHEMES.map(({ source }) => source).join("|")})$`);

/** Digit groups separated by single spaces or dashes, in any of their Unicode forms. */
const SEQUENCE = /\d+(?:[\p{Zs}\p{Pd}]\d+)*/gu;

/**
 * Whether a text contains a card number: whole digit groups, separated by single spaces or dashes, that together have the
 * length and the first digits of one card scheme, and pass the Luhn check (ISO/IEC 7812-1, annex B). Every run of adjacent
 * groups is checked, not only the longest one. Parts of a group are not checked.
 *
 * @param text Any text. The check takes linear time.
 */
export function containsCardNumber(text: string): boolean {
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
      if (digits.length > MAX_DIGITS) break;
      if (digits.length >= MIN_DIGITS && isCardNumber(digits)) return true;
    }
  }
  return false;
}

function isCardNumber(digits: string): boolean {
  return CARD_NUMBER.test(digits) && passesLuhn(digits);
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const weighted = place % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}
