import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { freePort } from "../process/free-port.ts";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { describe, expect, test } from "vitest";
import type { ExitCode } from "../../command/terminal.ts";
import { runCommand } from "../../command/run-command.ts";
import type { Exchange } from "../../command/trial-journal.ts";
import { serve } from "../../demo/http-server.ts";
import type { Simulator, SimulatorOptions } from "../../src/simulator/index.ts";
import { createSimulator } from "../../src/simulator/index.ts";

const SECRET_KEY = "test-secret-of-the-gateway";
const USER = "user-of-the-trial";
const ADDRESS = "192.0.2.77";
const PROFILE = "trial-profile.later-1";

interface Ended {
  readonly code: ExitCode;
  readonly written: string;
  readonly gateway: Simulator;
  /** What the file holds, and what it is as a text. */
  readonly file: {
    readonly exchanges: readonly Exchange[];
    readonly differs: readonly string[];
    readonly callbacks: readonly unknown[];
    readonly left: readonly string[];
  };
  readonly text: string;
  readonly mode: number;
}

interface Told {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly typed?: string;
  readonly profile?: string;
  readonly model?: SimulatorOptions["model"];
  /** What the gateway answers instead of its own answer. */
  readonly spoil?: (answer: Response, request: Request) => Response | Promise<Response>;
}

/** A trial against a simulated gateway, with everything that it needs but what is told. */
async function trial(context: Pick<TestContext, "onTestFinished">, told: Told = {}): Promise<Ended> {
  const { flags = ["--yes-charge-100-tenge", "--declines", "decline-10009"], env = {}, typed = "999999\n", profile = PROFILE } = told;
  const gateway = createSimulator({ merchantId: "999999", secretKeys: [SECRET_KEY], speed: 200, maxLogEntries: 10_000 });
  const server = await serve(async (request) => {
    const answer = await gateway.fetch(request.clone());
    return told.spoil === undefined ? answer : told.spoil(answer, request);
  });
  const folder = await mkdtemp(join(tmpdir(), "trial-"));
  context.onTestFinished(async () => {
    gateway.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  const out = join(folder, "trial.json");
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

/** Nothing was asked of the gateway. */
function expectUntouched({ code, gateway }: Ended): void {
  expect(code).toBe(2);
  expect(gateway.log.entries).toEqual([]);
}

/** Everything that was taken is given back. */
function expectAllBack({ gateway }: Ended): void {
  for (const payment of gateway.payments()) {
    const { held, taken, refunded } = gateway.totalsOf(payment.orderId);
    expect([payment.orderId, held, taken - refunded]).toEqual([payment.orderId, 0, 0]);
  }
}

describe("a trial does not begin", () => {
  test("without the flag that says so: it shows what it would do", async (context) => {
    const ended = await trial(context, { flags: [] });
    expectUntouched(ended);
    expect(ended.written).toContain("THIS CHARGES REAL MONEY");
    expect(ended.written).toContain("--yes-charge-100-tenge");
  });

  test.for(["", "yes\n", "999998\n"])("when %j is typed instead of the merchant's id", async (typed, context) => {
    expectUntouched(await trial(context, { typed }));
  });

  test.for([
    ["FREEDOM_PAY_SECRET_KEY", ""],
    ["FREEDOM_PAY_MERCHANT_ID", ""],
    ["FREEDOM_PAY_URL", "https://gateway.example"],
  ] as const)("with %s=%j", async ([name, value], context) => {
    const ended = await trial(context, { env: { [name]: value } });
    expectUntouched(ended);
    expect(ended.written).toContain(name);
    expect(ended.written).not.toContain(SECRET_KEY);
  });
});

test.for([
  "tunnel.example",
  "ftp://tunnel.example",
  "https://",
  "https://tunnel.example/?a=1",
  "https://tunnel.example/#a",
  "https://tunnel.example/?",
])("a trial does not begin where callbacks would come to %j", async (callbacks, context) => {
  const ended = await trial(context, { flags: ["--yes-charge-100-tenge", "--callbacks", callbacks] });
  expectUntouched(ended);
  expect(ended.written).toContain("--callbacks is not");
});

describe("a trial against a gateway that keeps the contract", () => {
  test("charges three times and gives all of it back; nothing differs", async (context) => {
    const ended = await trial(context);
    expect(ended.written, ended.written).toContain("Everything that was taken is given back.");
    expect(ended.file.differs).toEqual([]);
    expect(ended.code).toBe(0);
    expect(ended.gateway.ledger().filter(({ kind }) => kind === "taken")).toHaveLength(3);
    expect(
      ended.gateway
        .ledger()
        .filter(({ kind }) => kind === "refunded")
        .map(({ minor }) => minor),
    ).toEqual([4000, 6000, 10000, 10000]);
    expectAllBack(ended);
    expect(ended.mode).toBe(0o600);
  });

  test("asks every question, each with its answer", async (context) => {
    const { file } = await trial(context);
    const steps = new Set(file.exchanges.map(({ step }) => step));
    for (const step of [
      "a request that never was",
      "an order that never was",
      "a charge without urls",
      "a charge without urls: its read",
      "the same bytes under the same X-Request-Id",
      "the same order_id under another X-Request-Id",
      "a charge with check_url and result_url",
      "a charge that is to be declined",
      "the second attempt, as --2",
    ])
      expect([...steps]).toContain(step);
    for (const { answer } of file.exchanges) expect(answer).not.toBeNull();
    const second = file.exchanges.find(({ step }) => step === "the second attempt, as --2");
    expect(second?.asked.body).toMatchObject({ order_id: expect.stringMatching(/--2$/), amount: 100, currency: "KZT" });
  });

  test("writes nothing of the key, the profile, the user or the address, in the file or on the screen", async (context) => {
    const { text, written } = await trial(context);
    for (const value of [SECRET_KEY, PROFILE, USER, ADDRESS, "decline-10009"]) {
      expect(text).not.toContain(value);
      expect(written).not.toContain(value);
    }
    expect(text).not.toMatch(/X-JWS-Signature/i);
    expect(text).toContain("<profile_id>");
  });

  test("leaves out a user's id of one digit, and no digit of an amount with it", async (context) => {
    const flags = ["--yes-charge-100-tenge", "--declines", "decline-10009", "--user", "1"];
    const { code, file } = await trial(context, { flags });
    expect(code).toBe(0);
    const plain = file.exchanges.find(({ step }) => step === "a charge without urls");
    expect(plain?.asked.body).toMatchObject({ amount: 100, user_id: "<user_id>" });
  });

  test("takes callbacks, answers them, and writes them down", async (context) => {
    const port = await freePort();
    const at = `127.0.0.1:${port}`;
    const flags = ["--yes-charge-100-tenge", "--declines", "decline-10009", "--callbacks", `http://${at}`, "--listen", at];
    const { code, file, written } = await trial(context, { flags });
    expect(written).toMatch(/[1-9] callbacks/);
    expect(file.callbacks.length).toBeGreaterThanOrEqual(2);
    expect(file.callbacks[0]).toMatchObject({
      method: "POST",
      path: expect.stringMatching(/^\/check\/[A-Za-z0-9_-]{43}$/),
      answered: "xml",
    });
    expect(code).toBe(0);
  });
});

describe("a gateway that does otherwise", () => {
  test("a decline that pays is given back too, and named", async (context) => {
    const ended = await trial(context, { flags: ["--yes-charge-100-tenge"] });
    expect(ended.code).toBe(1);
    expect(ended.file.differs).toContain("a charge that is to be declined: status process (contract: error)");
    expect(ended.gateway.ledger().filter(({ kind }) => kind === "taken")).toHaveLength(4);
    expectAllBack(ended);
  });

  test("an answer that is lost: what it had taken is found by its order_id, and given back", async (context) => {
    let isFirst = true;
    const ended = await trial(context, {
      spoil: (answer, request) => {
        const spoils = isFirst && request.headers.get("x-action") === "gateway.payment.create";
        if (spoils) isFirst = false;
        return spoils ? new Response("<html>Bad gateway</html>", { status: 502 }) : answer;
      },
    });
    expect(ended.code).toBe(1);
    expect(ended.file.differs).toContain("a charge without urls: no answer that makes sense");
    expectAllBack(ended);
  });

  test("members, headers and words that the contract does not list are named", async (context) => {
    const { file, code } = await trial(context, {
      spoil: async (answer, request) => {
        if (request.headers.get("x-action") !== "gateway.payment.status") return answer;
        const json: object = await answer.json();
        return Response.json({ ...json, currency: "KZT", surprise: 1 });
      },
    });
    expect(code).toBe(1);
    const read = file.exchanges.find(({ step }) => step === "a charge without urls: its read");
    expect(read?.differs).toEqual([
      "no x-request-id in the answer",
      "x-request-status is missing",
      "no x-datetime in the answer",
      "members that the contract does not list: currency, surprise",
      "has a currency (contract: none)",
    ]);
  });

  test("a refund that fails is said loudly: which payment is still taken", async (context) => {
    const { code, written, file } = await trial(context, { profile: "trial-profile.rows-fail" });
    expect(code).toBe(1);
    expect(file.left).toHaveLength(3);
    expect(written).toMatch(/LOOK: payment \d+ is not given back/);
    expect(written).not.toContain("Everything that was taken is given back.");
  });

  test("a gateway that refuses everything: nothing is charged, and it is said", async (context) => {
    const { code, gateway, file } = await trial(context, { env: { FREEDOM_PAY_SECRET_KEY: "test-secret-of-somebody-else" } });
    expect(code).toBe(1);
    expect(gateway.payments()).toEqual([]);
    expect(file.exchanges[0]?.outcome).toBe("refused with 1100 (configuration), HTTP 401");
  });
});
