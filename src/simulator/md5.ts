/** MD5 (RFC 1321), only for the older API's `pg_sig`. `crypto.subtle` does not have it, because it is broken. */

const SHIFTS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;

/** RFC 1321 §3.4: the integer part of 2^32 × |sin(i + 1)|. */
const SINES = Uint32Array.from({ length: 64 }, (_, index) => Math.floor(2 ** 32 * Math.abs(Math.sin(index + 1))));

type Round = (b: number, c: number, d: number, step: number) => readonly [mixed: number, word: number];

const ROUNDS: readonly [Round, Round, Round, Round] = [
  (b, c, d, step) => [(b & c) | (~b & d), step],
  (b, c, d, step) => [(d & b) | (~d & c), (5 * step + 1) % 16],
  (b, c, d, step) => [b ^ c ^ d, (3 * step + 5) % 16],
  (b, c, d, step) => [c ^ (b | ~d), (7 * step) % 16],
];

/** The message, a 1 bit, zeros, and its length in bits, in whole blocks of 64 bytes (§3.1, §3.2). */
function padded(message: Uint8Array): DataView {
  const blocks = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64);
  blocks.set(message);
  blocks[message.length] = 0x80;
  const view = new DataView(blocks.buffer);
  view.setUint32(blocks.length - 8, (message.length * 8) >>> 0, true);
  view.setUint32(blocks.length - 4, Math.floor(message.length / 2 ** 29), true);
  return view;
}

/**
 * The MD5 of a text's UTF-8 bytes, in lower-case hex.
 *
 * @param text - any text.
 */
export function md5(text: string): string {
  const view = padded(new TextEncoder().encode(text));
  let state: readonly [number, number, number, number] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < view.byteLength; block += 64) {
    let [a, b, c, d] = state;
    for (let step = 0; step < 64; step += 1) {
      const round = step >> 4;
      const [mixed, word] = (ROUNDS[round] ?? ROUNDS[0])(b, c, d, step);
      const sum = (a + mixed + (SINES[step] ?? 0) + view.getUint32(block + word * 4, true)) >>> 0;
      const shift = SHIFTS[round]?.[step % 4] ?? 0;
      [a, d, c, b] = [d, c, b, (b + ((sum << shift) | (sum >>> (32 - shift)))) >>> 0];
    }
    state = [(state[0] + a) >>> 0, (state[1] + b) >>> 0, (state[2] + c) >>> 0, (state[3] + d) >>> 0];
  }
  const bytes = new DataView(new ArrayBuffer(16));
  state.forEach((word, index) => {
    bytes.setUint32(index * 4, word, true);
  });
  return Array.from(new Uint8Array(bytes.buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
