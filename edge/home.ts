import type { Home } from "./machine/record.ts";
import type { Settings } from "./settings.ts";

/** The gateway and merchant that the settings name. New orders have their home there. */
export function homeOf({ gatewayUrl, merchantId }: Pick<Settings, "gatewayUrl" | "merchantId">): Home {
  return { host: new URL(gatewayUrl).host, merchantId };
}

/** The name of an object, unique for one order or day, one merchant and one gateway. */
export function objectName({ host, merchantId }: Home, name: string): string {
  return `${host}|${merchantId}|${name}`;
}

/** The name of a day's object, unique for one merchant and one gateway. */
export function dayName(settings: Pick<Settings, "gatewayUrl" | "merchantId">, day: string): string {
  return objectName(homeOf(settings), day);
}
