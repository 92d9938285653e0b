import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Call, CallOutcome } from "../../src/simulator/index.ts";
import {
  advance,
  checkBefore,
  createModel,
  createScenario,
  nextInstruction,
  payments,
  PREFIXES,
  receive,
  parseScript,
  KEYWORDS,
  keywordsAsMarkdown,
} from "../../src/simulator/index.ts";
import { create, createBody, call, freshId, json, readOrder, readRequest, refund, clearing, SECOND, START, DAY } from "./gateway-calls.ts";

const ID = "1000000001";
const URLS = { result_url: "https://shop.example/result" };

/** A gateway and one profile. Times are seconds after the start. */
function testScenario(profile: string, speed = 1) {
  const state = createModel();
  const scenario = createScenario(speed);
  const run = (request: Call, at = 0): CallOutcome => {
    const now = START + at * SECOND;
    const { fault, plan } = nextInstruction(scenario, state, request, now);
    return receive(state, request, now, fault, plan);
  };
  const requestId = freshId();
  return {
    state,
    run,
    requestId,
    check: () => {
      const request = create({ profile, urls: { check_url: "https://shop.example/check" } });
      return checkBefore(state, request, START, nextInstruction(createScenario(speed), state, request, START).plan);
    },
    create: (at = 0): CallOutcome => run(create({ profile, requestId, urls: URLS }), at),
    read: (at = 0): Record<string, unknown> => json(run(readOrder(), at).reply),
    truth: (at = 0) => payments(state, START + at * SECOND)[0],
  };
}

type TestScenario = ReturnType<typeof testScenario>;

const pays = (scenario: TestScenario, at = 0): void => {
  expect(scenario.read(at)).toMatchObject({ status: "success", clearing: { cleared: true, amount: 100 } });
  expect(scenario.truth(at)?.taken).toBe(10_000);
};

/** The first create gets this answer, the gateway acts or not, and a resend is answered. */
const answersWith =
  (httpStatus: number | null, body: RegExp, acts: boolean, headers: Record<string, string> = {}) =>
  (scenario: TestScenario): void => {
    const { reply } = scenario.create();
    expect(reply?.httpStatus ?? null).toBe(httpStatus);
    expect(reply?.body ?? "").toMatch(body);
    expect(reply?.headers ?? {}).toMatchObject(headers);
    expect(scenario.state.payments.size).toBe(acts ? 1 : 0);
    expect(json(scenario.create(1).reply)).toMatchObject({ status: "process" });
    pays(scenario, 1);
  };

const HTML = /^<!doctype html>/;

/** The expected effect of each keyword. The keys are the table's own examples. */
const EXPECTATIONS: Readonly<Record<string, (scenario: TestScenario) => void>> = {
  pays: (scenario) => {
    expect(json(scenario.create().reply)).toMatchObject({ status: "process" });
    pays(scenario);
  },
  "later-5": (scenario) => {
    scenario.create();
    expect(scenario.read(4)).toMatchObject({ status: "process" });
    pays(scenario, 5);
  },
  "decline-10009": (scenario) => {
    expect(json(scenario.create().reply)).toMatchObject({ id: ID, status: "error", error: { code: "10009" } });
    expect(scenario.read()).toMatchObject({ id: ID, status: "error", error: { code: "10009" } });
    expect(scenario.truth()?.taken).toBe(0);
  },
  "decline-10017": (scenario) => {
    scenario.create();
    expect(scenario.read()).toMatchObject({ error: { code: "10017" } });
  },
  "decline-11070": (scenario) => {
    scenario.create();
    expect(scenario.read()).toMatchObject({ error: { code: "11070" } });
  },
  "refuse-11070": (scenario) => {
    for (const at of [0, 1]) {
      const { reply } = scenario.create(at);
      expect(reply?.httpStatus).toBe(200);
      expect(json(reply)).toEqual({ error: { code: "11070", description: expect.any(String) } });
    }
    expect(json(scenario.run(create({ profile: "refuse-11070" }), 2).reply)).toMatchObject({ error: { code: "11070" } });
    expect(scenario.read(2)).toEqual({});
  },
  "refuse-9992": (scenario) => expect(json(scenario.create().reply)).toMatchObject({ error: { code: "9992" } }),
  never: (scenario) => {
    scenario.create();
    expect(scenario.read(999_999)).toMatchObject({ status: "process" });
  },
  waiting_3ds: (scenario) => {
    expect(json(scenario.create().reply)).toMatchObject({ status: "waiting_3ds" });
    expect(scenario.read(999_999)).toMatchObject({ status: "waiting_3ds", "3ds": { acs_url: expect.stringMatching(/^https:/) } });
  },
  "waiting_3ds-20": (scenario) => {
    scenario.create();
    expect(scenario.read(19)).toMatchObject({ status: "waiting_3ds" });
    pays(scenario, 20);
  },
  "unknown-word": (scenario) => {
    scenario.create();
    expect(scenario.read(999_999)).toMatchObject({ status: "under_review" });
    expect(scenario.truth(999_999)?.taken).toBe(0);
  },
  "unknown-word-20": (scenario) => {
    scenario.create();
    expect(scenario.read(19)).toMatchObject({ status: "under_review" });
    pays(scenario, 20);
  },
  hold: (scenario) => {
    scenario.create();
    expect(scenario.read()).toMatchObject({ status: "approved", clearing: { cleared: false } });
    expect(scenario.truth()).toMatchObject({ held: 10_000, taken: 0 });
  },
  "hold-as-success": (scenario) => {
    scenario.create();
    expect(scenario.read()).toMatchObject({ status: "success", clearing: { cleared: false } });
    expect(scenario.truth()).toMatchObject({ held: 10_000, taken: 0 });
  },
  "amount-wrong": (scenario) => {
    scenario.create();
    expect(scenario.read()).toMatchObject({ status: "success", amount: 101 });
    expect(scenario.truth()?.taken).toBe(10_100);
  },
  "old-paid": (scenario) => {
    expect(json(scenario.create().reply)).toMatchObject({ id: ID, status: "process", created_at: expect.stringMatching(/^2026-10-23/) });
    expect(scenario.read()).toMatchObject({ status: "success", created_at: expect.stringMatching(/^2026-10-23/) });
  },
  "old-paid-400": (scenario) => {
    scenario.create();
    expect(scenario.truth()?.createdAt).toBe(START - 400 * DAY);
  },
  "old-declined": (scenario) => {
    expect(json(scenario.create().reply)).toMatchObject({ status: "error" });
    expect(scenario.read()).toMatchObject({ status: "error", created_at: expect.stringMatching(/^2026-10-23/) });
    expect(scenario.truth()?.taken).toBe(0);
  },
  "amount-text": (scenario) => {
    expect(json(scenario.create().reply)).toMatchObject({ amount: "100" });
    expect(scenario.read()).toMatchObject({ amount: "100", clearing: { amount: "100" } });
  },
  "id-number": (scenario) => {
    expect(json(scenario.create().reply)).toMatchObject({ id: Number(ID) });
    expect(scenario.read()).toMatchObject({ id: Number(ID) });
  },
  sparse: (scenario) => {
    scenario.create();
    expect(scenario.read()).toEqual({ id: ID, order_id: "1234", status: "success", amount: 100 });
  },
  full: (scenario) => {
    scenario.create();
    expect(scenario.read()).toMatchObject({ currency: "KZT", from: { recurrent: { profile_id: "full" } }, refund_payments: [] });
  },
  "lost-before": answersWith(null, /^$/, false),
  "lost-after": answersWith(null, /^$/, true),
  "late-30": (scenario) => {
    expect(scenario.create()).toMatchObject({ actsAt: START, repliesAt: START + 30 * SECOND, reply: { httpStatus: 200 } });
    pays(scenario);
  },
  "accepted-late-20": (scenario) => {
    expect(scenario.create()).toMatchObject({ actsAt: START + 20 * SECOND, reply: null });
    expect(scenario.read(19)).toEqual({});
    pays(scenario, 20);
  },
  truncated: answersWith(200, /^\{"id":"1000000001".*[^}]$/, true),
  cut: (scenario) => {
    expect(scenario.create().reply?.cut).toBe(true);
    pays(scenario);
  },
  empty: answersWith(200, /^\{\}$/, true),
  "empty-before": answersWith(200, /^\{\}$/, false),
  html: answersWith(403, HTML, false),
  "html-after": answersWith(403, HTML, true),
  "http-401": answersWith(401, /"code":"1100"/, false),
  "http-422": answersWith(422, /"code":"9403"/, false),
  "http-429-7": answersWith(429, HTML, false, { "retry-after": "7" }),
  "http-500": answersWith(500, HTML, false),
  "http-502-after": answersWith(502, HTML, true),
  "http-403-9999": answersWith(403, /"code":"9999"/, false),
  "http-302": answersWith(302, HTML, false, { location: "https://gateway.example/elsewhere" }),
  "error-9999": answersWith(200, /^\{"error":\{"code":"9999"/, false),
  "error-10045-after": answersWith(200, /^\{"error":\{"code":"10045"/, true),
  duplicate: answersWith(200, /^\{"error":\{"code":"9991"/, true),
  "lag-10": (scenario) => {
    scenario.create();
    expect(scenario.read(9)).toEqual({});
    expect(json(scenario.run(readRequest(scenario.requestId), 9).reply)).toMatchObject({ response: { error: { code: "1202" } } });
    pays(scenario, 10);
    expect(json(scenario.run(readRequest(scenario.requestId), 10).reply)).toMatchObject({ response: { id: ID } });
  },
  backwards: (scenario) => {
    scenario.create();
    expect([0, 1, 2].map((at) => scenario.read(at)["status"])).toEqual(["success", "process", "success"]);
    expect(scenario.truth(1)?.taken).toBe(10_000);
  },
  "rows-later-30": (scenario) => {
    scenario.create();
    scenario.run(refund(ID, 100), 1);
    expect(scenario.read(30)).toMatchObject({ refund_payments: [{ status: "process" }] });
    expect(scenario.read(31)).toMatchObject({ refund_payments: [{ status: "success" }] });
  },
  "rows-fail": (scenario) => {
    scenario.create();
    scenario.run(refund(ID, 100), 1);
    expect(scenario.read(3)).toMatchObject({ refund_payments: [{ status: "error" }] });
  },
  "cabinet-refund-20": (scenario) => {
    scenario.create();
    advance(scenario.state, START + 60 * SECOND);
    expect(scenario.read(60)).toMatchObject({ refund_payments: [{ amount: -100, status: "success" }] });
    expect(scenario.truth(60)?.refunded).toBe(10_000);
  },
  "callbacks-none": (scenario) => expect(scenario.create().callbacks).toEqual([]),
  "callbacks-20": (scenario) => expect(scenario.create().callbacks).toHaveLength(20),
  "callbacks-late-60": (scenario) => expect(scenario.create().callbacks).toMatchObject([{ at: START + 60 * SECOND }]),
  "callbacks-early": (scenario) =>
    expect(scenario.create().callbacks).toMatchObject([
      { at: START, forged: false },
      { at: START, forged: false },
    ]),
  "callbacks-forged": (scenario) =>
    expect(scenario.create().callbacks).toMatchObject([
      { forged: true, facts: { id: `9${ID}`, status: "error" } },
      { forged: false, facts: { id: ID, status: "success" } },
    ]),
  ...Object.fromEntries(
    (["form", "get", "xml", "xml-raw", "xml-body", "json"] as const).map((format) => [
      `callbacks-${format}`,
      (scenario: TestScenario) => {
        expect(scenario.check()).toMatchObject({ format });
        expect(scenario.create().callbacks).toMatchObject([{ format }]);
      },
    ]),
  ),
  "callbacks-blanks": (scenario) => {
    expect(scenario.check()).toMatchObject({ blanks: true });
    expect(scenario.create().callbacks).toMatchObject([{ blanks: true }]);
  },
  "callbacks-replayed": (scenario) => expect(scenario.create().callbacks).toMatchObject([{ replayed: true }]),
  "callbacks-amount-wrong": (scenario) => {
    expect(scenario.check()).toMatchObject({ facts: { amount: 100 } });
    expect(scenario.create().callbacks).toMatchObject([{ forged: false, facts: { amount: 101 } }]);
    pays(scenario);
  },
  "callbacks-final": (scenario) => expect(scenario.create().callbacks).toMatchObject([{ canReject: false }]),
  "check-strict": (scenario) => expect(scenario.check()).toMatchObject({ strict: true }),
};

describe("every keyword of the table", () => {
  const examples = KEYWORDS.flatMap((keyword) => keyword.examples);

  /** Those about payment pages have theirs in page-keywords.test.ts. */
  const ofCharges = KEYWORDS.filter(({ about }) => about !== "page").flatMap((keyword) => keyword.examples);

  test("has exactly one test", () => {
    expect(Object.keys(EXPECTATIONS).sort()).toEqual([...ofCharges].sort());
  });

  test.each(ofCharges)("%s", (example) => {
    EXPECTATIONS[example]?.(testScenario(example));
  });

  test.each(examples)("%s can be part of a profile id, after a name", (example) => {
    expect(`card-1.${example}`).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
    expect(parseScript(`card-1.${example}`)).toEqual(parseScript(example));
  });

  test.each(KEYWORDS.map((keyword) => [keyword.form, keyword.examples] as const))("%s is matched by one row only", (_, keywords) => {
    for (const keyword of keywords) {
      expect(KEYWORDS.filter((row) => row.pattern.test(keyword))).toHaveLength(1);
    }
  });

  test("README.md contains the current tables", () => {
    expect(readFileSync(new URL("../../src/simulator/README.md", import.meta.url), "utf8")).toContain(keywordsAsMarkdown());
  });
});

describe("every prefix", () => {
  const statuses: Readonly<Record<string, (scenario: TestScenario) => readonly number[]>> = {
    "": (scenario) => [0, 1, 2].map((at) => scenario.create(at).reply?.httpStatus ?? 0),
    "resend-": (scenario) => [0, 1, 2].map((at) => scenario.create(at).reply?.httpStatus ?? 0),
    "every-": (scenario) => [0, 1, 2].map((at) => scenario.create(at).reply?.httpStatus ?? 0),
    "read-": (scenario) =>
      [scenario.create(), scenario.run(readOrder()), scenario.run(readOrder())].map((outcome) => outcome.reply?.httpStatus ?? 0),
    "reads-": (scenario) =>
      [scenario.create(), scenario.run(readOrder()), scenario.run(readOrder())].map((outcome) => outcome.reply?.httpStatus ?? 0),
    "request-": (scenario) =>
      [scenario.create(), scenario.run(readRequest(scenario.requestId)), scenario.run(readRequest(scenario.requestId))].map(
        (outcome) => outcome.reply?.httpStatus ?? 0,
      ),
    "requests-": (scenario) =>
      [scenario.create(), scenario.run(readRequest(scenario.requestId)), scenario.run(readRequest(scenario.requestId))].map(
        (outcome) => outcome.reply?.httpStatus ?? 0,
      ),
    "edit-": (scenario) =>
      [scenario.create(), scenario.run(refund(ID, 1)), scenario.run(clearing(ID, 1))].map((outcome) => outcome.reply?.httpStatus ?? 0),
    "edits-": (scenario) =>
      [scenario.create(), scenario.run(refund(ID, 1)), scenario.run(clearing(ID, 1))].map((outcome) => outcome.reply?.httpStatus ?? 0),
  };
  const expected: Readonly<Record<string, readonly number[]>> = {
    "": [503, 200, 200],
    "resend-": [200, 503, 200],
    "every-": [503, 503, 503],
    "read-": [200, 503, 200],
    "reads-": [200, 503, 503],
    "request-": [200, 503, 200],
    "requests-": [200, 503, 503],
    "edit-": [200, 503, 200],
    "edits-": [200, 503, 503],
  };

  test.each(PREFIXES.map(({ prefix }) => prefix))("'%s' chooses the calls that the table names", (prefix) => {
    expect(statuses[prefix]?.(testScenario(`${prefix}http-503`))).toEqual(expected[prefix]);
  });

  test("only faults take a prefix", () => {
    expect(parseScript("x.read-later-5")).toEqual({ unknownKeyword: "read-later-5" });
    expect(parseScript("x.resend-decline-10009")).toEqual({ unknownKeyword: "resend-decline-10009" });
  });
});

describe("keywords together", () => {
  test("the official sample's UUID pays at once, and so does any single name", () => {
    for (const name of ["0190fddd-bea7-7f17-b777-10344d5cc816", "12345", "my_card"]) {
      const scenario = testScenario(name);
      scenario.create();
      pays(scenario);
    }
  });

  test("later and a decline: first process, then declined", () => {
    const scenario = testScenario("card-1.later-5.decline-10009.callbacks-none");
    const outcome = scenario.create();
    expect(json(outcome.reply)).toMatchObject({ status: "process", amount: 100 });
    expect(outcome.callbacks).toEqual([]);
    expect(scenario.read(4)).toMatchObject({ status: "process" });
    expect(scenario.read(5)).toMatchObject({ status: "error", error: { code: "10009" } });
  });

  test("lost before the gateway acts, then refused because of its signature, then accepted", () => {
    const scenario = testScenario("lost-before.resend-http-401");
    expect(scenario.create(0).reply).toBeNull();
    expect(scenario.create(10).reply?.httpStatus).toBe(401);
    expect(scenario.create(20).reply?.httpStatus).toBe(200);
    pays(scenario, 20);
  });

  test("of two outcomes the later one counts", () => {
    const scenario = testScenario("decline-10009.hold");
    scenario.create();
    expect(scenario.read()).toMatchObject({ status: "approved" });
  });

  test("of a decline and pays the later one counts", () => {
    const scenario = testScenario("decline-10009.pays");
    scenario.create();
    pays(scenario);
  });

  test("an unknown keyword is refused, and the answer names it", () => {
    const scenario = testScenario("card-1.latr-5");
    expect(json(scenario.create().reply)).toMatchObject({ error: { code: "9403", description: expect.stringContaining('"latr-5"') } });
    expect(scenario.truth()).toBeUndefined();
  });

  test("another profile under the same order_id has its own keywords", () => {
    const scenario = testScenario("every-lost-before");
    scenario.create();
    expect(json(scenario.run(create({ profile: "decline-10017" }), 1).reply)).toMatchObject({ error: { code: "10017" } });
    const again = testScenario("every-lost-before");
    again.create();
    again.run(create({ profile: "a-plain-card" }), 1);
    pays(again, 1);
  });

  test("orders do not share their counts", () => {
    const scenario = testScenario("lost-after");
    scenario.create();
    expect(scenario.run(create({ profile: "lost-after", orderId: "other" })).reply).toBeNull();
  });

  test("a saved card's token may contain keywords too", () => {
    const scenario = testScenario("unused");
    const from = { type: "saved", card: { token: "decline-10009" } };
    expect(json(scenario.run(call("gateway.payment.create", { ...createBody(), from })).reply)).toMatchObject({ error: { code: "10009" } });
  });

  test("speed shortens the seconds of the keywords", () => {
    const scenario = testScenario("later-60.late-30.callbacks-late-60", 60);
    expect(scenario.create()).toMatchObject({ repliesAt: START + 0.5 * SECOND, callbacks: [{ at: START + 2 * SECOND }] });
    expect(scenario.read(0.9)).toMatchObject({ status: "process" });
    pays(scenario, 1);
    const refunded = testScenario("rows-later-60.cabinet-refund-120.lag-6", 60);
    refunded.create();
    expect(refunded.read(3)).toMatchObject({ refund_payments: [{ status: "process" }] });
    expect(refunded.read(3.1)).toMatchObject({ refund_payments: [{ status: "success" }] });
  });
});
