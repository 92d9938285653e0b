/**
 * Where an order lives: which of the shared objects ("shards") stores it. The placement never changes for stored orders, because looking
 * for an order in another shard would be a second charge.
 */
import type { Home } from "../machine/record.ts";

/** The generation of the placement. A shop that outgrows its shards starts another one with more of them. */
export const GENERATION = "g1";

/** Slots. A later split moves ranges of them, so the slot is the first column of every key. */
export const SLOTS = 4096;

/** Shards: objects of one home and generation. */
export const SHARDS = 256;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

const ENCODER = new TextEncoder();

/** FNV-1a, 32 bits, of a text's UTF-8 bytes. */
export function fnv1a(text: string): number {
  let hash = FNV_OFFSET;
  for (const byte of ENCODER.encode(text)) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}

/**
 * The slot of an order. Everything from the first `--` on is left out, so that `1234--2` is in the slot of `1234`.
 *
 * @example
 * ```ts
 * slotOf("1234"); // 765
 * ```
 */
export function slotOf(orderId: string): number {
  return fnv1a(orderId.split("--", 1)[0] ?? "") % SLOTS;
}

/** The number of the shard that stores a slot. */
export function shardOf(slot: number): number {
  return Math.floor(slot / (SLOTS / SHARDS));
}

/** The name of a shard's object. */
export function shardName({ host, merchantId }: Home, shard: number): string {
  return `${host}|${merchantId}|${GENERATION}|${shard}`;
}
