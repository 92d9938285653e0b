/** A storefront as small as one can be: a page for each order, with a token that its server makes, and the element from the edge. */
import type { Server } from "../../../demo/http-server.ts";
import { serve } from "../../../demo/http-server.ts";
import type { ChargeInput } from "../../../src/index.ts";
import { issueChargeToken } from "../../../src/index.ts";

/** What the storefront has to know. */
export interface StorefrontSettings {
  /** Where the edge is: asked with every page, for the two have to know each other. */
  edge(): string;
  readonly chargeTokenKey: string;
  /** What the shop's customers have in their baskets, by order. */
  readonly orders: ReadonlyMap<string, ChargeInput>;
}

/** Opens it on loopback. `/checkout/1234` is the page of order 1234. */
export function openStorefront({ edge, chargeTokenKey, orders }: StorefrontSettings): Promise<Server> {
  return serve(async (request) => {
    const { pathname, origin } = new URL(request.url);
    const terms = orders.get(pathname.replace("/checkout/", ""));
    if (terms === undefined) return new Response(null, { status: 404 });
    const token = await issueChargeToken(terms, { key: chargeTokenKey, issuer: "shop.example", origin });
    const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Order ${terms.order_id}</title>
<script type="module" src="${edge()}/v1/freedom-pay-charge.js"></script>
<freedom-pay-charge token="${token}"></freedom-pay-charge></html>`;
    return new Response(page, { headers: { "Content-Type": "text/html; charset=utf-8" } });
  });
}
