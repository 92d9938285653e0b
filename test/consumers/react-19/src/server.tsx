// node dist-server/server.js ENDPOINT TOKEN: writes the page as a server renders it.
import { renderToString } from "react-dom/server";
import { Payment } from "./Payment";

declare const process: { readonly argv: readonly string[] };

const [, , endpoint = "", token = ""] = process.argv;
const props = { endpoint, token };

console.log(`<!doctype html><html lang="en"><meta charset="utf-8"><title>React, rendered on a server</title>
<main>${renderToString(<Payment {...props} />)}</main>
<script type="application/json" id="props">${JSON.stringify(props)}</script><script type="module" src="hydrate.js"></script></html>`);
