/** The doctor command in this process: where it sends the key, and how it handles answers. */
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { ExitCode } from "../../command/terminal.ts";
import { runCommand } from "../../command/run-command.ts";
import type { Server } from "../../demo/http-server.ts";
import { serve } from "../../demo/http-server.ts";

const API_KEY = "test-secret-edge-api-key-0123456789abcdef";

const CHECK = { name: "clock", ok: true, finding: "agrees", fix: null };

interface CommandResult {
  readonly code: ExitCode;
  readonly written: string;
}

async function doctor(url: string): Promise<CommandResult> {
  let written = "";
  const write = (text: string): void => void (written += text);
  const code = await runCommand(["doctor", url], { env: { EDGE_API_KEY: API_KEY }, input: process.stdin, write });
  return { code, written };
}

/** A server on this machine, and the keys that it received. */
async function startServer(answer: () => Response): Promise<Server & { keys: string[] }> {
  const keys: string[] = [];
  const server = await serve((request) => {
    keys.push(request.headers.get("Authorization") ?? "");
    return answer();
  });
  onTestFinished(() => server.close());
  return { ...server, keys };
}

describe("The API key", () => {
  test.each([
    ["http to another machine", "http://pay.shop.example"],
    ["http to a name that starts with this machine's name", "http://localhost.evil.example"],
    ["http to a name that ends with this machine's name", "http://evil-localhost"],
    ["http to a name that starts with the loopback address", "http://127.0.0.1.evil.example"],
    ["http to a name that starts with loopback's first byte", "http://127.evil.example"],
    ["http to a private address", "http://192.168.0.10:8787"],
    ["http to every address of this machine", "http://0.0.0.0:8787"],
    ["http to another IPv6 address", "http://[2001:db8::1]:8787"],
    ["http to an IPv6 address that ends like loopback's", "http://[fe80::1]"],
    ["http to a name behind a loopback user", "http://localhost:8787@evil.example"],
    ["a user", "https://pay.shop.example@evil.example"],
    ["a user and a password", "https://somebody:hunter2@pay.shop.example"],
    ["a password to this machine", "http://:hunter2@localhost:8787"],
    ["a query", "https://pay.shop.example/?for=me"],
    ["an empty query, which would contain the path", "https://pay.shop.example?"],
    ["a fragment", "https://pay.shop.example#"],
    ["another protocol", "ftp://pay.shop.example"],
    ["a file", "file:///tmp/edge"],
    ["no host", "https://"],
    ["no protocol", "pay.shop.example"],
  ])("is not sent where the URL has %s", async (_, url) => {
    const fetched = vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("Nothing may be called"));
    const { code, written } = await doctor(url);
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
    expect(code).toBe(2);
    expect(written).toMatch(/^The URL .+\n\nUsage: /);
    expect(written).not.toMatch(/hunter2|test-secret/);
  });

  test.each([
    ["https://pay.shop.example", "https://pay.shop.example/v1/doctor"],
    ["https://pay.shop.example:8443/edge//", "https://pay.shop.example:8443/edge/v1/doctor"],
    ["HTTPS://Pay.Shop.Example/", "https://pay.shop.example/v1/doctor"],
    ["http://localhost:8787/", "http://localhost:8787/v1/doctor"],
    ["http://127.0.0.1:8787", "http://127.0.0.1:8787/v1/doctor"],
    ["http://127.8.9.10", "http://127.8.9.10/v1/doctor"],
    ["http://2130706433:8787", "http://127.0.0.1:8787/v1/doctor"],
    ["http://[::1]:8787", "http://[::1]:8787/v1/doctor"],
    ["http://[0:0:0:0:0:0:0:1]", "http://[::1]/v1/doctor"],
  ])("is sent to %s", async (url, called) => {
    const fetched = vi.spyOn(globalThis, "fetch").mockResolvedValue(Response.json({ ok: true, platform: "workerd", checks: [CHECK] }));
    expect(await doctor(url)).toMatchObject({ code: 0 });
    expect(fetched.mock.calls.map(([input]) => String(input))).toEqual([called]);
    fetched.mockRestore();
  });

  test.each([301, 302, 303, 307, 308])("does not follow a redirect (HTTP %i), wherever it leads", async (status) => {
    const other = await startServer(() => Response.json({ ok: true, platform: "workerd", checks: [CHECK] }));
    const { origin, keys } = await startServer(() => new Response(null, { status, headers: { Location: `${other.origin}/v1/doctor` } }));
    expect(await doctor(origin)).toEqual({ code: 2, written: expect.stringContaining(`HTTP ${status}: a redirect`) });
    expect(keys).toEqual([`Bearer ${API_KEY}`]);
    expect(other.keys).toEqual([]);
  });
});

describe("The report", () => {
  test.each([
    ["cloudflare", "It runs on Cloudflare."],
    ["wrangler_dev", "It runs in wrangler dev."],
    ["workerd", "It runs on workerd, on a server of your own."],
  ])("says where the edge runs: %s", async (platform, says) => {
    const { origin } = await startServer(() => Response.json({ ok: true, platform, checks: [CHECK] }));
    expect((await doctor(origin)).written).toBe(`The doctor of ${origin}\n\n${says}\n\n  ok   clock  agrees\n\nNo problems: 1 checks.\n`);
  });

  test.each(["other", "constructor", 7, null, undefined])("does not mention an unknown platform: %j", async (platform) => {
    const { origin } = await startServer(() => Response.json({ ok: true, platform, checks: [CHECK] }));
    expect((await doctor(origin)).written).toBe(`The doctor of ${origin}\n\n  ok   clock  agrees\n\nNo problems: 1 checks.\n`);
  });

  test.each([
    ["no check at all", []],
    ["a check that is null", [null]],
    ["a check without a name", [{ ...CHECK, name: undefined }]],
    ["a finding that is a number", [{ ...CHECK, finding: 7 }]],
    ["advice that is a list", [{ ...CHECK, fix: ["sell everything"] }]],
    ["checks that are a string", "all is well"],
  ])("with %s is not the edge's answer", async (_, checks) => {
    const { origin } = await startServer(() => Response.json({ ok: true, platform: "workerd", checks }));
    expect(await doctor(origin)).toEqual({ code: 2, written: expect.stringContaining("HTTP 200: this is not the edge's answer") });
  });

  test("writes no control characters to the terminal", async () => {
    const evil = "\u001b]0;owned\u0007\u009b2J\r";
    const { origin } = await startServer(() =>
      Response.json({ ok: false, platform: "other", checks: [{ name: evil, ok: false, finding: evil, fix: evil }] }),
    );
    const refused = await startServer(() => Response.json({ code: evil, detail: evil }, { status: 500 }));
    for (const { written } of [await doctor(origin), await doctor(refused.origin)]) {
      expect(written).toContain("?]0;owned??2J?");
      expect(written).toMatch(/^[^\p{Cc}]*(?:\n[^\p{Cc}]*)*$/u);
    }
  });
});
