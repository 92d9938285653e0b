import { expect, test } from "vitest";
import { allowedMethods, CALLS, callbackPath, describedRoutes, honoPath } from "../../edge/routes.ts";

test("each path in hono's syntax, and its methods", () => {
  const paths = [...new Set(CALLS.map(({ path }) => path))];
  expect(Object.fromEntries(paths.map((path) => [honoPath(path), allowedMethods(path)]))).toEqual({
    "/v1/charges": "GET, HEAD, POST, OPTIONS",
    "/v1/charges/:order_id": "GET, HEAD, OPTIONS",
    "/v1/charges/:order_id/clearing": "POST, OPTIONS",
    "/v1/charges/:order_id/reverse": "POST, OPTIONS",
    "/v1/charges/:order_id/refund": "POST, OPTIONS",
    "/v1/charges/:order_id/close": "POST, OPTIONS",
    "/v1/charges/:order_id/resolve": "POST, OPTIONS",
    "/v1/charges/:order_id/notify": "POST, OPTIONS",
    "/v1/callbacks/:kind{check|result}/:ticket": "GET, POST, OPTIONS",
    "/v1/returns/:ticket/:by{paid|failed}": "GET, POST, OPTIONS",
    "/v1/freedom-pay-charge.js": "GET, HEAD, OPTIONS",
    "/v1/doctor": "GET, HEAD, OPTIONS",
    "/healthz": "GET, HEAD, OPTIONS",
  });
});

test("a callback's path contains its kind and its ticket", () => {
  expect(callbackPath("check", "1234.nonce.mac")).toBe("/v1/callbacks/check/1234.nonce.mac");
  expect(callbackPath("result", "$&.nonce.mac")).toBe("/v1/callbacks/result/$&.nonce.mac");
});

test("no two calls have the same method and path, and none lists a refusal twice", () => {
  const routes = describedRoutes();
  expect(new Set(routes.map(({ method, path }) => `${method} ${path}`)).size).toBe(routes.length);
  for (const { name, problems } of routes) expect(new Set(problems).size, name).toBe(problems.length);
});
