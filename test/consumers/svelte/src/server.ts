// node dist-server/server.js ENDPOINT TOKEN: writes the page as a server renders it.
import { render } from "svelte/server";
import Payment from "./Payment.svelte";

declare const process: { readonly argv: readonly string[] };

const [, , endpoint = "", token = ""] = process.argv;
const props = { endpoint, token };
const { head, body } = render(Payment, { props });

console.log(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Svelte, rendered on a server</title>${head}
<main>${body}</main>
<script type="application/json" id="props">${JSON.stringify(props)}</script><script type="module" src="hydrate.js"></script></html>`);
