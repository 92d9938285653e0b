import type { Home } from "./machine/record.ts";
import type { LocationHint, Settings } from "./settings.ts";
import { shardName } from "./storage/placement.ts";

/** The gateway and merchant that the settings name. New orders have their home there. */
export function homeOf({ gatewayUrl, merchantId }: Pick<Settings, "gatewayUrl" | "merchantId">): Home {
  return { host: new URL(gatewayUrl).host, merchantId };
}

/** The name of a day's object: of this day, at this merchant, at this gateway. */
export function dayName(settings: Pick<Settings, "gatewayUrl" | "merchantId">, day: string): string {
  const { host, merchantId } = homeOf(settings);
  return `${host}|${merchantId}|${day}`;
}

/** The binding CHARGES, as far as it is used here. */
export interface Shards<Shard> {
  getByName(name: string, options?: { locationHint?: LocationHint }): Shard;
}

/**
 * The object of a shard. The first caller of an object decides where it stays for years, so every call gives the location hint.
 * @param position the number of the shard
 */
export function shardAt<Shard>(
  charges: Shards<Shard>,
  { home, locationHint }: { readonly home: Home } & Pick<Settings, "locationHint">,
  position: number,
): Shard {
  const name = shardName(home, position);
  return locationHint === null ? charges.getByName(name) : charges.getByName(name, { locationHint });
}
