import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { freePort } from "../process/free-port.ts";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { describe, expect, test } from "vitest";
import type { ExitCode } from "../../command/terminal.ts";
import { runCommand } from "../../command/run-command.ts";
import type { Exchange } from "../../command/transcript.ts";
import { serve } from "../../demo/http-server.ts";
import type { Simulator, SimulatorOptions } from "../../src/simulator/index.ts";
import { createSimulator } from "../../src/simulator/index.ts";

const SECRET_KEY = "test-secret-of-the-gateway";
const USER = "user-of-the-live-test";
const ADDRESS = "192.0.2.77";
const PROFILE = "live-test-profile.later-1";

interface LiveTestResult {
  readonly code: ExitCode;
  readonly written: string;
  readonly gateway: Simulator;
  /** The transcript, parsed. */
  readonly file: {
    readonly exchanges: readonly Exchange[];
    readonly differences: readonly string[];
    readonly callbacks: readonly unknown[];
    readonly remaining: readonly string[];
  };
  readonly text: string;
  readonly mode: number;
}

interface Setup {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly typed?: string;
  readonly profile?: string;
  readonly model?: SimulatorOptions["model"];
  /** Replaces the gateway's answer. */
  readonly changeAnswer?: (answer: Response, request: Request) => Response | Promise<Response>;
}

/** Runs a live test against a simulated gateway, with default options unless the setup has others. */
async function liveTest(context: Pick<TestContext, "onTestFinished">, setup: Setup = {}): Promise<LiveTestResult> {
  const { flags = ["--yes-charge-100-tenge", "--declines", "decline-10009"], env = {}, typed = "999999\n", profile = PROFILE } = setup;
  const gateway = createSimulator({ merchantId: "999999", secretKeys: [SECRET_KEY], speed: 200, maxLogEntries: 10_000 });
  const server = await serve(async (request) => {
    const answer = await gateway.fetch(request.clone());
    return setup.changeAnswer === undefined ? answer : setup.changeAnswer(answer, request);
  });
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
      yield typed;
    })(),
    write: (text) => void (written += text),
    pause: 20,
  });
  const text = await readFile(out, "utf8").catch(() => "null");
  const mode = text === "null" ? 0 : (await stat(out)).mode & 0o777;
  return { code, written, gateway, file: JSON.parse(text), text, mode };
}

/** The gateway was not called. */
function expectNoCalls({ code, gateway }: LiveTestResult): void {
  expect(code).toBe(2);
  expect(gateway.log.entries).toEqual([]);
}

/** The money of every payment is returned. */
function expectAllReturned({ gateway }: LiveTestResult): void {
  for (const payment of gateway.payments()) {
    const { held, taken, refunded } = gateway.totalsOf(payment.orderId);
    expect([payment.orderId, held, taken - refunded]).toEqual([payment.orderId, 0, 0]);
  }
}

describe("a live test does not start", () => {
  test("without the flag: it shows what it would do", async (context) => {
    const result = await liveTest(context, { flags: [] });
    expectNoCalls(result);
    expect(result.written).toContain("THIS CHARGES REAL MONEY");
    expect(result.written).toContain("--yes-charge-100-tenge");
  });

  test.for(["", "yes\n", "999998\n"])("when %j is typed instead of the merchant's id", async (typed, context) => {
    expectNoCalls(await liveTest(context, { typed }));
  });

  test.for([
    ["FREEDOM_PAY_SECRET_KEY", ""],
    ["FREEDOM_PAY_MERCHANT_ID", ""],
    ["FREEDOM_PAY_URL", "https://gateway.example"],
  ] as const)("with %s=%j", async ([name, value], context) => {
    const result = await liveTest(context, { env: { [name]: value } });
    expectNoCalls(result);
    expect(result.written).toContain(name);
    expect(result.written).not.toContain(SECRET_KEY);
  });
});

test.for([
  "tunnel.example",
  "ftp://tunnel.example",
  "https://",
  "https://tunnel.example/?a=1",
  "https://tunnel.example/#a",
  "https://tunnel.example/?",
])("a live test does not start when callbacks would be sent to %j", async (callbacks, context) => {
  const result = await liveTest(context, { flags: ["--yes-charge-100-tenge", "--callbacks", callbacks] });
  expectNoCalls(result);
  expect(result.written).toContain("--callbacks is not");
});

describe("a live test against a gateway that follows the contract", () => {
  test("charges three times and refunds everything, without differences", async (context) => {
    const result = await liveTest(context);
    expect(result.written, result.written).toContain("All payments are refunded.");
    expect(result.file.differences).toEqual([]);
    expect(result.code).toBe(0);
    expect(result.gateway.ledger().filter(({ kind }) => kind === "taken")).toHaveLength(3);
    expect(
      result.gateway
        .ledger()
        .filter(({ kind }) => kind === "refunded")
        .map(({ minor }) => minor),
    ).toEqual([4000, 6000, 10000, 10000]);
    expectAllReturned(result);
    expect(result.mode).toBe(0o600);
  });

  test("runs every step, each with an answer", async (context) => {
    const { file } = await liveTest(context);
    const steps = new Set(file.exchanges.map(({ step }) => step));
    for (const step of [
      "an unknown request",
      "an unknown order",
      "a charge without urls",
      "a charge without urls: read",
      "the same bytes under the same X-Request-Id",
      "the same order_id under another X-Request-Id",
      "a charge with check_url and result_url",
      "a charge with a declining profile",
      "the second attempt, as --2",
    ])
      expect([...steps]).toContain(step);
    for (const { answer } of file.exchanges) expect(answer).not.toBeNull();
    const second = file.exchanges.find(({ step }) => step === "the second attempt, as --2");
    expect(second?.request.body).toMatchObject({ order_id: expect.stringMatching(/--2$/), amount: 100, currency: "KZT" });
  });

  test("writes no key, profile, user or address to the file or the screen", async (context) => {
    const { text, written } = await liveTest(context);
    for (const value of [SECRET_KEY, PROFILE, USER, ADDRESS, "decline-10009"]) {
      expect(text).not.toContain(value);
      expect(written).not.toContain(value);
    }
    expect(text).not.toMatch(/X-JWS-Signature/i);
    expect(text).toContain("<profile_id>");
  });

  test("redacts a user's id of one digit, but no digit of an amount", async (context) => {
    const flags = ["--yes-charge-100-tenge", "--declines", "decline-10009", "--user", "1"];
    const { code, file } = await liveTest(context, { flags });
    expect(code).toBe(0);
    const plain = file.exchanges.find(({ step }) => step === "a charge without urls");
    expect(plain?.request.body).toMatchObject({ amount: 100, user_id: "<user_id>" });
  });

  test("receives callbacks, answers them, and records them", async (context) => {
    const port = await freePort();
    const at = `127.0.0.1:${port}`;
    const flags = ["--yes-charge-100-tenge", "--declines", "decline-10009", "--callbacks", `http://${at}`, "--listen", at];
    const { code, file, written } = await liveTest(context, { flags });
    expect(written).toMatch(/[1-9] callbacks/);
    expect(file.callbacks.length).toBeGreaterThanOrEqual(2);
    expect(file.callbacks[0]).toMatchObject({
      method: "POST",
      path: expect.stringMatching(/^\/check\/[A-Za-z0-9_-]{43}$/),
      answerFormat: "xml",
    });
    expect(code).toBe(0);
  });
});

describe("a gateway that does not follow the contract", () => {
  test("a decline that pays is refunded too, and reported", async (context) => {
    const result = await liveTest(context, { flags: ["--yes-charge-100-tenge"] });
    expect(result.code).toBe(1);
    expect(result.file.differences).toContain("a charge with a declining profile: status process (contract: error)");
    expect(result.gateway.ledger().filter(({ kind }) => kind === "taken")).toHaveLength(4);
    expectAllReturned(result);
  });

  test("after a lost answer the payment is found by its order_id, and refunded", async (context) => {
    let isFirst = true;
    const result = await liveTest(context, {
      changeAnswer: (answer, request) => {
        const replaces = isFirst && request.headers.get("x-action") === "gateway.payment.create";
        if (replaces) isFirst = false;
        return replaces ? new Response("<html>Bad gateway</html>", { status: 502 }) : answer;
      },
    });
    expect(result.code).toBe(1);
    expect(result.file.differences).toContain("a charge without urls: no valid answer");
    expectAllReturned(result);
  });

  test("members and headers that the contract does not list are reported", async (context) => {
    const { file, code } = await liveTest(context, {
      changeAnswer: async (answer, request) => {
        if (request.headers.get("x-action") !== "gateway.payment.status") return answer;
        const json: object = await answer.json();
        return Response.json({ ...json, currency: "KZT", surprise: 1 });
      },
    });
    expect(code).toBe(1);
    const read = file.exchanges.find(({ step }) => step === "a charge without urls: read");
    expect(read?.differences).toEqual([
      "no x-request-id in the answer",
      "x-request-status is missing",
      "no x-datetime in the answer",
      "members that the contract does not list: currency, surprise",
      "has a currency (contract: none)",
    ]);
  });

  test("a failed refund is reported with its payment", async (context) => {
    const { code, written, file } = await liveTest(context, { profile: "live-test-profile.rows-fail" });
    expect(code).toBe(1);
    expect(file.remaining).toHaveLength(3);
    expect(written).toMatch(/NOT REFUNDED: payment \d+ is not refunded/);
    expect(written).not.toContain("All payments are refunded.");
  });

  test("with a gateway that refuses everything nothing is charged, and the refusals are recorded", async (context) => {
    const { code, gateway, file } = await liveTest(context, { env: { FREEDOM_PAY_SECRET_KEY: "test-secret-of-somebody-else" } });
    expect(code).toBe(1);
    expect(gateway.payments()).toEqual([]);
    expect(file.exchanges[0]?.outcome).toBe("refused with 1100 (configuration), HTTP 401");
  });
});
