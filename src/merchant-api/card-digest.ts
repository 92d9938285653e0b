/** Compares card tokens without keeping them: a token of the gateway's is a reference to a card (P11). */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** Hexadecimal characters: 128 bits. */
const LENGTH = 32;

/** A digest of a card token. Equal tokens have equal digests. */
export function cardDigest(token: string): string {
  return bytesToHex(sha256(new TextEncoder().encode(token))).slice(0, LENGTH);
}
