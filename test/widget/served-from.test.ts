import { expect, test } from "vitest";
import { edgeServing } from "../../widget/served-from.ts";

test.each([
  ["https://edge.example/v1/freedom-pay-charge.js", "https://edge.example"],
  ["http://127.0.0.1:8787/v1/freedom-pay-charge.js?v=1", "http://127.0.0.1:8787"],
  ["https://shop.example/pay/v1/freedom-pay-charge.js#x", "https://shop.example/pay"],
  ["https://cdn.example/freedom-pay-charge.js", null],
  ["https://cdn.example/v1/freedom-pay-charge.json", null],
  ["https://cdn.example/v1/freedom-pay-charge.js/v2/other.js", null],
  ["file:///v1/freedom-pay-charge.js", null],
])("for the file at %s the edge is %s", (url, edge) => {
  expect(edgeServing(url)).toBe(edge);
});
