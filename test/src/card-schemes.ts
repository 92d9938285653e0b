/** The card schemes, as a second list in another form than the one in src. */

/** A scheme's range of first digits, both ends included, and its numbers of digits. */
export interface Scheme {
  readonly name: string;
  readonly begins: readonly (readonly [from: number, to: number])[];
  readonly lengths: readonly number[];
}

const LONG = [16, 17, 18, 19];

/** Every scheme: those of the design, and the national ones. */
export const SCHEMES: readonly Scheme[] = [
  {
    name: "American Express",
    begins: [
      [34, 34],
      [37, 37],
    ],
    lengths: [15],
  },
  {
    name: "Mastercard",
    begins: [
      [51, 55],
      [2221, 2720],
    ],
    lengths: [16],
  },
  { name: "Visa", begins: [[4, 4]], lengths: [16, 19] },
  { name: "Mir", begins: [[2200, 2204]], lengths: LONG },
  { name: "JCB", begins: [[3528, 3589]], lengths: LONG },
  {
    name: "Diners Club",
    begins: [
      [300, 305],
      [36, 36],
      [38, 39],
    ],
    lengths: LONG,
  },
  {
    name: "Maestro",
    begins: [
      [50, 50],
      [56, 58],
      [639, 639],
      [67, 67],
    ],
    lengths: LONG,
  },
  {
    name: "Discover",
    begins: [
      [6011, 6011],
      [644, 649],
      [65, 65],
    ],
    lengths: LONG,
  },
  { name: "UnionPay", begins: [[62, 62]], lengths: LONG },
  {
    name: "Uzcard",
    begins: [
      [8600, 8600],
      [5614, 5614],
    ],
    lengths: [16],
  },
  { name: "Humo", begins: [[9860, 9860]], lengths: [16] },
  { name: "Elcart", begins: [[9417, 9417]], lengths: [16, 19] },
  {
    name: "Belkart, Prostir, Troy",
    begins: [
      [9112, 9112],
      [9804, 9804],
      [9792, 9792],
    ],
    lengths: [16],
  },
];

/** Whether digits have the length and the first digits of a scheme. Does not check Luhn. */
export function isOfAScheme(digits: string): boolean {
  return SCHEMES.some(
    ({ begins, lengths }) =>
      lengths.includes(digits.length) &&
      begins.some(([from, to]) => {
        const first = Number(digits.slice(0, String(from).length));
        return first >= from && first <= to;
      }),
  );
}

/** Digits with a Luhn check digit (ISO/IEC 7812-1, annex B), computed in another way than in src. */
export function withCheckDigit(digits: string): string {
  const doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
  const sum = [...digits]
    .reverse()
    .reduce((total, digit, place) => total + (place % 2 === 0 ? (doubled[Number(digit)] ?? 0) : Number(digit)), 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
