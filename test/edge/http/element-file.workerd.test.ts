import { expect, test, vi } from "vitest";
import source from "../../../dist/cdn/freedom-pay-charge.js";
import { call } from "../over-http.ts";

const PATH = "/v1/freedom-pay-charge.js";

vi.spyOn(console, "log").mockReturnValue();

function load(headers: Readonly<Record<string, string | null>> = {}, method = "GET"): Promise<Response> {
  return call({ method, path: PATH, headers: { Authorization: null, Origin: "https://any-page.example", ...headers } });
}

test("the edge serves the built file of the element to every page, cached for five minutes", async () => {
  const answer = await load();
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe(source);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=300",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
  });
  expect(answer.headers.get("ETag")).toMatch(/^"[0-9a-f]{32}"$/);
});

test("a page that has this version gets 304", async () => {
  const etag = (await load()).headers.get("ETag") ?? "";
  for (const known of [etag, `W/${etag}`, `"other", ${etag}`, etag.replace(/"$/, '-gzip"'), "*"]) {
    const answer = await load({ "If-None-Match": known });
    expect([answer.status, await answer.text()]).toEqual([304, ""]);
    expect(answer.headers.get("ETag")).toBe(etag);
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
  }
});

test("a page that has another version gets the file", async () => {
  const answer = await load({ "If-None-Match": '"other"' });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe(source);
});

test("a script tag without CORS gets the file, and HEAD works", async () => {
  const plain = await load({ Origin: null });
  expect(plain.status).toBe(200);
  await plain.text();
  const head = await load({}, "HEAD");
  expect([head.status, await head.text(), head.headers.get("Content-Type")]).toEqual([200, "", "text/javascript; charset=utf-8"]);
});
