import { describe, expect, test, vi } from "vitest";
import { configurationErrorOf } from "../../widget/page-errors.ts";
import { ENDPOINT } from "./fake-edge.ts";
import { look, put, setStage, token } from "./stage.ts";

const stage = setStage();

/** Endpoints that no page can call. Each would look like a network failure. */
const UNCALLABLE: readonly (readonly [what: string, endpoint: string])[] = [
  ["no scheme", "pay.shop.example"],
  ["no scheme, with a port", "pay.shop.example:443"],
  ["a host and a port that look like a scheme", "localhost:8787"],
  ["another scheme", "ftp://pay.shop.example"],
  ["a socket's scheme", "wss://pay.shop.example"],
  ["a script", "javascript:alert(1)"],
  ["a misspelt scheme", "htps://pay.shop.example"],
  ["one slash too few", "https:/pay.shop.example:99999"],
  ["no host", "https://"],
  ["a space in the host", "https://pay shop.example"],
  ["a port that does not exist", "https://pay.shop.example:99999"],
  ["a template that was not filled in", "{{ EDGE_URL }}"],
  ["a template as the host", "https://{EDGE}"],
  ["undefined", "undefined"],
  ["a user name", "https://user@pay.shop.example"],
  ["a password", "https://user:password@pay.shop.example"],
  ["a query", "https://pay.shop.example/?shop=1"],
  ["a fragment", "https://pay.shop.example/#pay"],
];

/** Values that a header cannot contain, or that are no tokens. */
const UNSENDABLE: readonly (readonly [what: string, wrong: (token: string) => string])[] = [
  ["a line break at its end", (right) => `${right}\n`],
  ["a line break in it", (right) => `${right.slice(0, 20)}\n${right.slice(20)}`],
  ["spaces around it", (right) => ` ${right} `],
  ["quotation marks around it", (right) => `"${right}"`],
  ["typographic quotation marks", (right) => `“${right}”`],
  ["a Cyrillic letter", (right) => `${right}а`],
  ["a zero-width space", (right) => `${right}\u200b`],
  ["a null character", (right) => `${right}\0`],
  ["a Bearer prefix", (right) => `Bearer ${right}`],
  ["no payload", () => "token"],
  ["a payload that is no JSON", () => "e30.e30x.e30"],
  ["a template that was not filled in", () => "{{token}}"],
];

const consoleErrors = (): readonly unknown[] => vi.mocked(console.error).mock.calls.map(([text]) => text);

describe("a mistake of the page is reported as its own reason, and nothing is sent:", () => {
  test.each(UNCALLABLE)("an endpoint with %s", async (_what, endpoint) => {
    const element = await put({ endpoint });
    expect(look(element)).toMatchObject({
      status: "misconfigured",
      said: "Payment is not available here now / Contact the shop",
      button: null,
    });
    expect(await element.refresh()).toMatchObject({ reason: "endpoint_invalid" });
    expect(configurationErrorOf(token(), true, endpoint)).toBe("endpoint_invalid");
    expect(stage.edge.calls).toEqual([]);
  });

  test.each(UNSENDABLE)("a token with %s", async (_what, wrong) => {
    const element = await put({ token: wrong(token()) });
    expect(look(element)).toMatchObject({ status: "misconfigured", button: null });
    expect(await element.refresh()).toMatchObject({ reason: "token_unreadable" });
    expect(stage.edge.calls).toEqual([]);
  });

  test("http on an https page, except for localhost", () => {
    const uri = vi.spyOn(document, "baseURI", "get").mockReturnValue("https://shop.example/cart");
    const errorOf = (endpoint: string): string | null => configurationErrorOf(token(), true, endpoint);
    expect(errorOf("http://pay.shop.example")).toBe("endpoint_invalid");
    expect(["http://localhost:8787", "http://127.0.0.1:8787", "http://[::1]:8787"].map(errorOf)).toEqual([null, null, null]);
    expect(["http://localhost.shop.example", "http://127.shop.example"].map(errorOf)).toEqual(["endpoint_invalid", "endpoint_invalid"]);
    uri.mockReturnValue("http://shop.test/cart");
    expect(errorOf("http://pay.shop.test")).toBeNull();
  });

  test("the console reports it too, once for a page", async () => {
    await put({ endpoint: "pay.shop.example" });
    await put({ endpoint: "pay2.shop.example" });
    await put({ token: `${token()}\n` });
    const said = consoleErrors().join("\n");
    expect(said).not.toContain("no answer");
    expect(consoleErrors().length).toBeLessThanOrEqual(2);
  });
});

test.each([
  "https://edge.example",
  "https://edge.example/",
  " https://edge.example ",
  "HTTPS://edge.example",
  "https://edge.example:8443/pay",
])("the endpoint %j is accepted", async (endpoint) => {
  const element = await put({ endpoint });
  expect(element.status).toBe("ready");
  expect(stage.edge.gets[0]?.url.trim()).toBe(`${endpoint.trim().replace(/\/$/, "")}/v1/charges/1234`);
});

test.each(["/", "/pay", "//edge.example"])("the endpoint %j with the page's own origin or scheme is accepted", async (endpoint) => {
  expect((await put({ endpoint })).status).toBe("ready");
  expect(stage.edge.gets).toHaveLength(1);
});

test("a page that corrects its mistake works", async () => {
  const element = await put({ endpoint: "pay.shop.example" });
  element.endpoint = ENDPOINT;
  await vi.waitFor(() => expect(element.status).toBe("ready"));
});
