/** Orders before a load. They open nearly all 256 shards, as on a busy server: the first order of a shard costs more. */
import type { Shop } from "./shop.ts";

/** Calls at once. */
const CALLS = 16;

/** Pays orders, a few at once, and waits for the answers. */
export async function openShards(shop: Shop, orderIds: readonly string[]): Promise<void> {
  const left = [...orderIds];
  await Promise.all(
    Array.from({ length: CALLS }, async () => {
      for (let orderId = left.pop(); orderId !== undefined; orderId = left.pop()) await shop.pay(orderId);
    }),
  );
}
