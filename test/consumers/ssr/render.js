// node render.js ENDPOINT TOKEN: writes a page as a server that knows the element renders it.
import { render } from "@lit-labs/ssr";
import { collectResult } from "@lit-labs/ssr/lib/render-result.js";
import "freedom-pay-charge/widget/define";
import { html } from "lit";

const [, , endpoint = "", token = ""] = process.argv;

console.log(
  await collectResult(
    render(html`<!doctype html><html lang="en"><meta charset="utf-8"><title>Rendered on a server</title>
      <script type="module" src="${endpoint}/v1/freedom-pay-charge.js"></script>
      <freedom-pay-charge token="${token}" theme="light"><a slot="consent" href="/terms">Terms</a></freedom-pay-charge></html>`),
  ),
);
