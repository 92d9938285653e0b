import type { Home } from "./machine/record.ts";
import type { Settings } from "./settings.ts";

/** The gateway and merchant that the settings name: where new orders are at home. */
export function homeOf({ gatewayUrl, merchantId }: Pick<Settings, "gatewayUrl" | "merchantId">): Home {
  return { host: new URL(gatewayUrl).host, merchantId };
}

/** The name of an object: of this order, or this day, at this merchant, at this gateway. */
export function objectName({ host, merchantId }: Home, name: string): string {
  return `${host}|${merchantId}|${name}`;
}

/** The name of a day's object: of this day, at this merchant, at this gateway. */
export function dayName(settings: Pick<Settings, "gatewayUrl" | "merchantId">, day: string): string {
  return objectName(homeOf(settings), day);
}
