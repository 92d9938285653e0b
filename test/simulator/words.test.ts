import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Call, Receipt } from "../../src/simulator/index.ts";
import {
  advance,
  checkBefore,
  createModel,
  createStage,
  direct,
  payments,
  PREFIXES,
  receive,
  scriptOf,
  WORDS,
  wordsAsMarkdown,
} from "../../src/simulator/index.ts";
import { create, createBody, call, freshId, json, readOrder, readRequest, refund, clearing, SECOND, START, DAY } from "./gateway-calls.ts";

const ID = "1000000001";
const URLS = { result_url: "https://shop.example/result" };

/** A gateway on which one profile is played. Times are seconds after the start. */
function stageFor(profile: string, speed = 1) {
  const state = createModel();
  const stage = createStage(speed);
  const play = (asked: Call, at = 0): Receipt => {
    const now = START + at * SECOND;
    const { fault, plan } = direct(stage, state, asked, now);
    return receive(state, asked, now, fault, plan);
  };
  const requestId = freshId();
  return {
    state,
    play,
    requestId,
    check: () => {
      const asked = create({ profile, urls: { check_url: "https://shop.example/check" } });
      return checkBefore(state, asked, START, direct(createStage(speed), state, asked, START).plan);
    },
    create: (at = 0): Receipt => play(create({ profile, requestId, urls: URLS }), at),
    read: (at = 0): Record<string, unknown> => json(play(readOrder(), at).reply),
    truth: (at = 0) => payments(state, START + at * SECOND)[0],
  };
}

type Played = ReturnType<typeof stageFor>;

const pays = (played: Played, at = 0): void => {
  expect(played.read(at)).toMatchObject({ status: "success", clearing: { cleared: true, amount: 100 } });
  expect(played.truth(at)?.taken).toBe(10_000);
};

/** The first create gets an answer like this; whether it acted; and what is sent again is answered. */
const spoils =
  (httpStatus: number | null, body: RegExp, acts: boolean, headers: Record<string, string> = {}) =>
  (played: Played): void => {
    const { reply } = played.create();
    expect(reply?.httpStatus ?? null).toBe(httpStatus);
    expect(reply?.body ?? "").toMatch(body);
    expect(reply?.headers ?? {}).toMatchObject(headers);
    expect(played.state.payments.size).toBe(acts ? 1 : 0);
    expect(json(played.create(1).reply)).toMatchObject({ status: "process" });
    pays(played, 1);
  };

const HTML = /^<!doctype html>/;

/** What each word of the table does. The keys are the table's own examples. */
const DOES: Readonly<Record<string, (played: Played) => void>> = {
  pays: (played) => {
    expect(json(played.create().reply)).toMatchObject({ status: "process" });
    pays(played);
  },
  "later-5": (played) => {
    played.create();
    expect(played.read(4)).toMatchObject({ status: "process" });
    pays(played, 5);
  },
  "decline-10009": (played) => {
    expect(json(played.create().reply)).toMatchObject({ id: ID, status: "error", error: { code: "10009" } });
    expect(played.read()).toMatchObject({ id: ID, status: "error", error: { code: "10009" } });
    expect(played.truth()?.taken).toBe(0);
  },
  "decline-10017": (played) => {
    played.create();
    expect(played.read()).toMatchObject({ error: { code: "10017" } });
  },
  "decline-11070": (played) => {
    played.create();
    expect(played.read()).toMatchObject({ error: { code: "11070" } });
  },
  "refuse-11070": (played) => {
    for (const at of [0, 1]) {
      const { reply } = played.create(at);
      expect(reply?.httpStatus).toBe(200);
      expect(json(reply)).toEqual({ error: { code: "11070", description: expect.any(String) } });
    }
    expect(json(played.play(create({ profile: "refuse-11070" }), 2).reply)).toMatchObject({ error: { code: "11070" } });
    expect(played.read(2)).toEqual({});
  },
  "refuse-9992": (played) => expect(json(played.create().reply)).toMatchObject({ error: { code: "9992" } }),
  never: (played) => {
    played.create();
    expect(played.read(999_999)).toMatchObject({ status: "process" });
  },
  waiting_3ds: (played) => {
    expect(json(played.create().reply)).toMatchObject({ status: "waiting_3ds" });
    expect(played.read(999_999)).toMatchObject({ status: "waiting_3ds", "3ds": { acs_url: expect.stringMatching(/^https:/) } });
  },
  "waiting_3ds-20": (played) => {
    played.create();
    expect(played.read(19)).toMatchObject({ status: "waiting_3ds" });
    pays(played, 20);
  },
  "unknown-word": (played) => {
    played.create();
    expect(played.read(999_999)).toMatchObject({ status: "under_review" });
    expect(played.truth(999_999)?.taken).toBe(0);
  },
  "unknown-word-20": (played) => {
    played.create();
    expect(played.read(19)).toMatchObject({ status: "under_review" });
    pays(played, 20);
  },
  hold: (played) => {
    played.create();
    expect(played.read()).toMatchObject({ status: "approved", clearing: { cleared: false } });
    expect(played.truth()).toMatchObject({ held: 10_000, taken: 0 });
  },
  "hold-as-success": (played) => {
    played.create();
    expect(played.read()).toMatchObject({ status: "success", clearing: { cleared: false } });
    expect(played.truth()).toMatchObject({ held: 10_000, taken: 0 });
  },
  "amount-wrong": (played) => {
    played.create();
    expect(played.read()).toMatchObject({ status: "success", amount: 101 });
    expect(played.truth()?.taken).toBe(10_100);
  },
  "old-paid": (played) => {
    expect(json(played.create().reply)).toMatchObject({ id: ID, status: "process", created_at: expect.stringMatching(/^2026-10-23/) });
    expect(played.read()).toMatchObject({ status: "success", created_at: expect.stringMatching(/^2026-10-23/) });
  },
  "old-paid-400": (played) => {
    played.create();
    expect(played.truth()?.createdAt).toBe(START - 400 * DAY);
  },
  "old-declined": (played) => {
    expect(json(played.create().reply)).toMatchObject({ status: "error" });
    expect(played.read()).toMatchObject({ status: "error", created_at: expect.stringMatching(/^2026-10-23/) });
    expect(played.truth()?.taken).toBe(0);
  },
  "amount-text": (played) => {
    expect(json(played.create().reply)).toMatchObject({ amount: "100" });
    expect(played.read()).toMatchObject({ amount: "100", clearing: { amount: "100" } });
  },
  "id-number": (played) => {
    expect(json(played.create().reply)).toMatchObject({ id: Number(ID) });
    expect(played.read()).toMatchObject({ id: Number(ID) });
  },
  sparse: (played) => {
    played.create();
    expect(played.read()).toEqual({ id: ID, order_id: "1234", status: "success", amount: 100 });
  },
  full: (played) => {
    played.create();
    expect(played.read()).toMatchObject({ currency: "KZT", from: { recurrent: { profile_id: "full" } }, refund_payments: [] });
  },
  "lost-before": spoils(null, /^$/, false),
  "lost-after": spoils(null, /^$/, true),
  "late-30": (played) => {
    expect(played.create()).toMatchObject({ actsAt: START, repliesAt: START + 30 * SECOND, reply: { httpStatus: 200 } });
    pays(played);
  },
  "accepted-late-20": (played) => {
    expect(played.create()).toMatchObject({ actsAt: START + 20 * SECOND, reply: null });
    expect(played.read(19)).toEqual({});
    pays(played, 20);
  },
  truncated: spoils(200, /^\{"id":"1000000001".*[^}]$/, true),
  cut: (played) => {
    expect(played.create().reply?.cut).toBe(true);
    pays(played);
  },
  empty: spoils(200, /^\{\}$/, true),
  "empty-before": spoils(200, /^\{\}$/, false),
  html: spoils(403, HTML, false),
  "html-after": spoils(403, HTML, true),
  "http-401": spoils(401, /"code":"1100"/, false),
  "http-422": spoils(422, /"code":"9403"/, false),
  "http-429-7": spoils(429, HTML, false, { "retry-after": "7" }),
  "http-500": spoils(500, HTML, false),
  "http-502-after": spoils(502, HTML, true),
  "http-403-9999": spoils(403, /"code":"9999"/, false),
  "http-302": spoils(302, HTML, false, { location: "https://gateway.example/elsewhere" }),
  "error-9999": spoils(200, /^\{"error":\{"code":"9999"/, false),
  "error-10045-after": spoils(200, /^\{"error":\{"code":"10045"/, true),
  duplicate: spoils(200, /^\{"error":\{"code":"9991"/, true),
  "lag-10": (played) => {
    played.create();
    expect(played.read(9)).toEqual({});
    expect(json(played.play(readRequest(played.requestId), 9).reply)).toMatchObject({ response: { error: { code: "1202" } } });
    pays(played, 10);
    expect(json(played.play(readRequest(played.requestId), 10).reply)).toMatchObject({ response: { id: ID } });
  },
  backwards: (played) => {
    played.create();
    expect([0, 1, 2].map((at) => played.read(at)["status"])).toEqual(["success", "process", "success"]);
    expect(played.truth(1)?.taken).toBe(10_000);
  },
  "rows-later-30": (played) => {
    played.create();
    played.play(refund(ID, 100), 1);
    expect(played.read(30)).toMatchObject({ refund_payments: [{ status: "process" }] });
    expect(played.read(31)).toMatchObject({ refund_payments: [{ status: "success" }] });
  },
  "rows-fail": (played) => {
    played.create();
    played.play(refund(ID, 100), 1);
    expect(played.read(3)).toMatchObject({ refund_payments: [{ status: "error" }] });
  },
  "cabinet-refund-20": (played) => {
    played.create();
    advance(played.state, START + 60 * SECOND);
    expect(played.read(60)).toMatchObject({ refund_payments: [{ amount: -100, status: "success" }] });
    expect(played.truth(60)?.refunded).toBe(10_000);
  },
  "callbacks-none": (played) => expect(played.create().callbacks).toEqual([]),
  "callbacks-20": (played) => expect(played.create().callbacks).toHaveLength(20),
  "callbacks-late-60": (played) => expect(played.create().callbacks).toMatchObject([{ at: START + 60 * SECOND }]),
  "callbacks-early": (played) =>
    expect(played.create().callbacks).toMatchObject([
      { at: START, forged: false },
      { at: START, forged: false },
    ]),
  "callbacks-forged": (played) =>
    expect(played.create().callbacks).toMatchObject([
      { forged: true, facts: { id: `9${ID}`, status: "error" } },
      { forged: false, facts: { id: ID, status: "success" } },
    ]),
  ...Object.fromEntries(
    (["form", "get", "xml", "xml-raw", "xml-body", "json"] as const).map((format) => [
      `callbacks-${format}`,
      (played: Played) => {
        expect(played.check()).toMatchObject({ format });
        expect(played.create().callbacks).toMatchObject([{ format }]);
      },
    ]),
  ),
  "callbacks-blanks": (played) => {
    expect(played.check()).toMatchObject({ blanks: true });
    expect(played.create().callbacks).toMatchObject([{ blanks: true }]);
  },
  "callbacks-final": (played) => expect(played.create().callbacks).toMatchObject([{ canReject: false }]),
  "check-strict": (played) => expect(played.check()).toMatchObject({ strict: true }),
};

describe("every word of the table", () => {
  const examples = WORDS.flatMap((word) => word.examples);

  test("has a test, and nothing else has", () => {
    expect(Object.keys(DOES).sort()).toEqual([...examples].sort());
  });

  test.each(examples)("%s", (example) => {
    DOES[example]?.(stageFor(example));
  });

  test.each(examples)("%s can be part of a profile id, behind a name", (example) => {
    expect(`card-1.${example}`).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
    expect(scriptOf(`card-1.${example}`)).toEqual(scriptOf(example));
  });

  test.each(WORDS.map((word) => [word.form, word.examples] as const))("%s is matched by one row only", (_, words) => {
    for (const word of words) {
      expect(WORDS.filter((row) => row.pattern.test(word))).toHaveLength(1);
    }
  });

  test("README.md shows the tables as they are", () => {
    expect(readFileSync(new URL("../../src/simulator/README.md", import.meta.url), "utf8")).toContain(wordsAsMarkdown());
  });
});

describe("every prefix", () => {
  const strikes: Readonly<Record<string, (played: Played) => readonly number[]>> = {
    "": (played) => [0, 1, 2].map((at) => played.create(at).reply?.httpStatus ?? 0),
    "resend-": (played) => [0, 1, 2].map((at) => played.create(at).reply?.httpStatus ?? 0),
    "every-": (played) => [0, 1, 2].map((at) => played.create(at).reply?.httpStatus ?? 0),
    "read-": (played) =>
      [played.create(), played.play(readOrder()), played.play(readOrder())].map((receipt) => receipt.reply?.httpStatus ?? 0),
    "reads-": (played) =>
      [played.create(), played.play(readOrder()), played.play(readOrder())].map((receipt) => receipt.reply?.httpStatus ?? 0),
    "request-": (played) =>
      [played.create(), played.play(readRequest(played.requestId)), played.play(readRequest(played.requestId))].map(
        (receipt) => receipt.reply?.httpStatus ?? 0,
      ),
    "requests-": (played) =>
      [played.create(), played.play(readRequest(played.requestId)), played.play(readRequest(played.requestId))].map(
        (receipt) => receipt.reply?.httpStatus ?? 0,
      ),
    "edit-": (played) =>
      [played.create(), played.play(refund(ID, 1)), played.play(clearing(ID, 1))].map((receipt) => receipt.reply?.httpStatus ?? 0),
    "edits-": (played) =>
      [played.create(), played.play(refund(ID, 1)), played.play(clearing(ID, 1))].map((receipt) => receipt.reply?.httpStatus ?? 0),
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

  test.each(PREFIXES.map(({ prefix }) => prefix))("'%s' strikes what the table says", (prefix) => {
    expect(strikes[prefix]?.(stageFor(`${prefix}http-503`))).toEqual(expected[prefix]);
  });

  test("only faults take a prefix", () => {
    expect(scriptOf("x.read-later-5")).toEqual({ unknownWord: "read-later-5" });
    expect(scriptOf("x.resend-decline-10009")).toEqual({ unknownWord: "resend-decline-10009" });
  });
});

describe("words together", () => {
  test("the official sample's UUID pays at once, and so does any single name", () => {
    for (const name of ["0190fddd-bea7-7f17-b777-10344d5cc816", "12345", "my_card"]) {
      const played = stageFor(name);
      played.create();
      pays(played);
    }
  });

  test("later and a decline: process first, declined then", () => {
    const played = stageFor("card-1.later-5.decline-10009.callbacks-none");
    const receipt = played.create();
    expect(json(receipt.reply)).toMatchObject({ status: "process", amount: 100 });
    expect(receipt.callbacks).toEqual([]);
    expect(played.read(4)).toMatchObject({ status: "process" });
    expect(played.read(5)).toMatchObject({ status: "error", error: { code: "10009" } });
  });

  test("lost on the way, then refused for its signature, then accepted", () => {
    const played = stageFor("lost-before.resend-http-401");
    expect(played.create(0).reply).toBeNull();
    expect(played.create(10).reply?.httpStatus).toBe(401);
    expect(played.create(20).reply?.httpStatus).toBe(200);
    pays(played, 20);
  });

  test("of two outcomes the later one counts", () => {
    const played = stageFor("decline-10009.hold");
    played.create();
    expect(played.read()).toMatchObject({ status: "approved" });
  });

  test("a part that is no word is refused, and the answer says which", () => {
    const played = stageFor("card-1.latr-5");
    expect(json(played.create().reply)).toMatchObject({ error: { code: "9403", description: expect.stringContaining('"latr-5"') } });
    expect(played.truth()).toBeUndefined();
  });

  test("another profile under the same order_id brings its own words", () => {
    const played = stageFor("every-lost-before");
    played.create();
    expect(json(played.play(create({ profile: "decline-10017" }), 1).reply)).toMatchObject({ error: { code: "10017" } });
    const again = stageFor("every-lost-before");
    again.create();
    again.play(create({ profile: "a-plain-card" }), 1);
    pays(again, 1);
  });

  test("orders do not share their counts", () => {
    const played = stageFor("lost-after");
    played.create();
    expect(played.play(create({ profile: "lost-after", orderId: "other" })).reply).toBeNull();
  });

  test("a saved card's token may hold words too", () => {
    const played = stageFor("unused");
    const from = { type: "saved", card: { token: "decline-10009" } };
    expect(json(played.play(call("gateway.payment.create", { ...createBody(), from })).reply)).toMatchObject({ error: { code: "10009" } });
  });

  test("speed shortens the seconds of the words", () => {
    const played = stageFor("later-60.late-30.callbacks-late-60", 60);
    expect(played.create()).toMatchObject({ repliesAt: START + 0.5 * SECOND, callbacks: [{ at: START + 2 * SECOND }] });
    expect(played.read(0.9)).toMatchObject({ status: "process" });
    pays(played, 1);
    const refunded = stageFor("rows-later-60.cabinet-refund-120.lag-6", 60);
    refunded.create();
    expect(refunded.read(3)).toMatchObject({ refund_payments: [{ status: "process" }] });
    expect(refunded.read(3.1)).toMatchObject({ refund_payments: [{ status: "success" }] });
  });
});
