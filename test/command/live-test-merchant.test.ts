/** The live test by the Merchant API, against a simulated gateway. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { describe, expect, test } from "vitest";
import { runCommand } from "../../command/run-command.ts";
import type { ExitCode } from "../../command/terminal.ts";
import type { Exchange } from "../../command/transcript.ts";
import { serve } from "../../demo/http-server.ts";
import type { Simulator } from "../../src/simulator/index.ts";
import { createSimulator } from "../../src/simulator/index.ts";
import { freePort } from "../process/free-port.ts";

const SECRET_KEY = "test-secret-of-the-gateway";
const USER = "user-of-the-live-test";
const ADDRESS = "192.0.2.77";
const PROFILE = "60144557";
const DECLINES = "70144558";

interface LiveTestResult {
  readonly code: ExitCode;
  readonly written: string;
  readonly gateway: Simulator;
  readonly text: string;
  /** The transcript, parsed; null if there is none. */
  readonly file: {
    readonly api: string;
    readonly exchanges: readonly Exchange[];
    readonly differences: readonly string[];
    readonly callbacks: readonly { readonly path: string }[];
    readonly remaining: readonly string[];
  };
}

interface Setup {
  readonly profile?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Replaces the gateway's answer; `script` is the last part of the called path. */
  readonly changeAnswer?: (answer: Response, script: string) => Response | Promise<Response>;
}

const YES = ["--yes-charge-100-tenge", "--declines", DECLINES];

async function liveTest(context: Pick<TestContext, "onTestFinished">, setup: Setup = {}): Promise<LiveTestResult> {
  const { profile = PROFILE, flags = YES, env = {}, changeAnswer = (answer: Response) => answer } = setup;
  const merchantProfiles = { [PROFILE]: "later-1", [DECLINES]: "decline-10009" };
  const gateway = createSimulator({ merchantId: "999999", secretKeys: [SECRET_KEY], speed: 200, maxLogEntries: 10_000, merchantProfiles });
  const server = await serve(async (request) => changeAnswer(await gateway.fetch(request.clone()), request.url.replace(/^.*\//, "")));
  const folder = await mkdtemp(join(tmpdir(), "live-test-"));
  context.onTestFinished(async () => {
    gateway.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  const out = join(folder, "live-test.json");
  let written = "";
  const code = await runCommand(["doctor", "--live", profile, "--user", USER, "--ip", ADDRESS, "--out", out, ...flags], {
    env: { FREEDOM_PAY_MERCHANT_ID: "999999", FREEDOM_PAY_SECRET_KEY: SECRET_KEY, FREEDOM_PAY_URL: server.origin, ...env },
    input: (async function* () {
      yield "999999\n";
    })(),
    write: (text) => void (written += text),
    pause: 20,
  });
  const text = await readFile(out, "utf8").catch(() => "null");
  return { code, written, gateway, text, file: JSON.parse(text) };
}

/** The money of every payment is returned. */
function expectAllReturned({ gateway, written }: LiveTestResult): void {
  expect(written).toContain("All payments are refunded.");
  for (const { orderId } of gateway.payments()) {
    const { held, taken, refunded } = gateway.totalsOf(orderId);
    expect([orderId, held, taken - refunded]).toEqual([orderId, 0, 0]);
  }
}

/** The same for one answer of a call, the first one. */
function once(script: string, replace: () => Response): NonNullable<Setup["changeAnswer"]> {
  let isFirst = true;
  return (answer, called) => {
    if (!isFirst || called !== script) return answer;
    isFirst = false;
    return replace();
  };
}

describe("a gateway that follows the contract", () => {
  test("is charged four times, refuses a repeated order_id with 9991, and everything is refunded", async (context) => {
    const result = await liveTest(context);
    expect(result.file.differences, result.written).toEqual([]);
    expect([result.code, result.file.api]).toEqual([0, "merchant"]);
    const minor = (kind: string): readonly number[] =>
      result.gateway
        .ledger()
        .filter((entry) => entry.kind === kind)
        .map((entry) => entry.minor);
    expect(minor("taken")).toEqual([10_000, 10_000, 10_000, 10_000]);
    expect(minor("refunded")).toEqual([4_000, 6_000, 10_000, 10_000, 10_000]);
    expect(result.written).toContain("the same order_id again: refused with 9991 (duplicate), HTTP 200, signed");
    expectAllReturned(result);
  });

  test("answers every step", async (context) => {
    const { file } = await liveTest(context);
    const steps = new Set(file.exchanges.map(({ step }) => step));
    for (const step of [
      "an unknown order",
      "a charge",
      "a charge: read",
      "the same order_id again",
      "a charge whose answer is not awaited",
      "a charge whose answer is not awaited: read",
      "a charge with callbacks",
      "a charge with a declining profile",
      "the second attempt, as --2",
    ])
      expect([...steps]).toContain(step);
    for (const { answer } of file.exchanges) expect(answer).not.toBeNull();
  });

  test("has no key, profile, user, address, card or signature in the file or on the screen", async (context) => {
    const { text, written } = await liveTest(context, { profile: `${PROFILE}.AAAAAAAAAAAAAAAA` });
    for (const value of [SECRET_KEY, PROFILE, DECLINES, USER, ADDRESS, "SIMULATED HOLDER", "simulated-card", "4111-11"]) {
      expect(text).not.toContain(value);
      expect(written).not.toContain(value);
    }
    expect(text).not.toMatch(/pg_sig>[0-9a-f]*[1-9]/);
    expect(text).toContain("<pg_card_brand>");
  });

  test("sends callbacks to two addresses whose last segments differ", async (context) => {
    const at = `127.0.0.1:${await freePort()}`;
    const { code, file } = await liveTest(context, { flags: [...YES, "--callbacks", `http://${at}`, "--listen", at] });
    expect(code).toBe(0);
    const tickets = new Set(file.callbacks.map(({ path }) => path));
    expect([...tickets].map((path) => path.replace(/[^/]+$/, "")).sort()).toEqual(["/check/", "/result/"]);
    expect(new Set([...tickets].map((path) => path.split("/").at(-1))).size).toBe(2);
  });
});

describe("a gateway that does not follow it", () => {
  test("loses an answer: the payment is found by its order_id, and refunded", async (context) => {
    const result = await liveTest(context, {
      changeAnswer: once("make_recurring_payment.php", () => new Response("<html>Bad gateway</html>", { status: 502 })),
    });
    expect(result.code).toBe(1);
    expect(result.file.differences).toContain("a charge: no valid answer");
    expectAllReturned(result);
  });

  test("declines nothing: that is a difference, and it is refunded", async (context) => {
    const result = await liveTest(context, { flags: ["--yes-charge-100-tenge", "--declines", "80144559"] });
    expect(result.file.differences).toContain("a charge with a declining profile: ended as success (expected: declined)");
    expect(result.gateway.ledger().filter(({ kind }) => kind === "taken")).toHaveLength(5);
    expectAllReturned(result);
  });

  test("signs nothing: its answers are not believed, and the payments are listed as not refunded", async (context) => {
    const result = await liveTest(context, {
      changeAnswer: async (answer) => new Response((await answer.text()).replace(/<pg_sig>[^<]*<\/pg_sig>/, ""), answer),
    });
    expect(result.code).toBe(1);
    expect(result.written).toContain("NOT REFUNDED: order ");
  });

  test("refuses everything: nothing is charged", async (context) => {
    const { gateway, file } = await liveTest(context, { env: { FREEDOM_PAY_SECRET_KEY: "test-secret-of-somebody-else" } });
    expect(gateway.payments()).toEqual([]);
    expect(file.exchanges[0]?.outcome).toBe("refused with 1100 (configuration), HTTP 401, not signed");
  });
});

describe("the API", () => {
  test.for([
    [["--api", "v5"], {}, "--api is not async or merchant"],
    [["--api", "merchant", "--declines", "decline-10009"], {}, "whose id is a number"],
    [[], { MERCHANT_API_PATHS: "[]" }, "MERCHANT_API_PATHS must be a JSON object"],
  ] as const)("%j with %j is refused", async ([flags, env, says], context) => {
    const { code, written, gateway } = await liveTest(context, { flags: ["--yes-charge-100-tenge", ...flags], env });
    expect([code, gateway.log.entries]).toEqual([2, []]);
    expect(written).toContain(says);
  });

  test("async is named for a profile whose id is a number, to see whether v5 charges it", async (context) => {
    const { file, gateway } = await liveTest(context, {
      flags: ["--yes-charge-100-tenge", "--declines", "decline-10009", "--api", "async"],
    });
    expect(file.api).toBe("async");
    expect(gateway.log.entries.some(({ headers }) => headers["x-action"] === "gateway.payment.create")).toBe(true);
  });
});
