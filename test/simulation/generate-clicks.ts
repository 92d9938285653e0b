/** Generates clicks: tabs with their tokens, fresh and repeated keys, charges by the merchant's server, pages that poll. */
import type { Prng } from "./prng.ts";
import type { Action, Reaction } from "./scenario.ts";
import { MINUTE, SECOND } from "./scenario.ts";

type Click = Extract<Action, { readonly type: "click" | "merchant_pay" }>;

/** A tab's token: its terms, and when it was issued (seconds after the start). */
interface Token {
  readonly terms: number;
  readonly issuedAt: number;
}

/** Mostly the usual terms, otherwise another card, amount, mode, currency or user. */
const TERMS: readonly (readonly [number, number])[] = [
  [14, 0],
  [4, 1],
  [1.5, 2],
  [0.7, 3],
  [0.3, 4],
  [0.3, 5],
];

/** Times of clicks: at once, in bursts, spread over minutes, much later. */
function when(prng: Prng, before: number): number {
  return prng.weighted([
    [3, before + prng.int(0, 60)],
    [3, before + prng.int(100, 3 * SECOND)],
    [3, before + prng.int(3 * SECOND, 40 * SECOND)],
    [2, before + prng.int(40 * SECOND, 4 * MINUTE)],
    [1, before + prng.int(4 * MINUTE, 20 * MINUTE)],
  ]);
}

function token(prng: Prng, at: number): Token {
  return {
    terms: prng.weighted(TERMS),
    issuedAt:
      Math.floor(at / SECOND) -
      prng.weighted([
        [3, 1],
        [2, prng.int(2, 600)],
        [1, 0],
      ]),
  };
}

/** Clicks of the shoppers and the merchant's server, and their reactions to `failed`. */
export function clicks(prng: Prng): { readonly actions: Action[]; readonly reactions: Reaction[] } {
  const tabs = Array.from(
    {
      length: prng.weighted([
        [5, 1],
        [3, 2],
        [2, prng.int(3, 5)],
      ]),
    },
    (_, index) => ({ number: index + 1, token: token(prng, 0) }),
  );
  const actions: Action[] = [];
  const clicked: Click[] = [];
  let at = prng.int(0, SECOND);
  let keys = 0;
  const freshKey = (): string => {
    keys += 1;
    return `key-${keys}`;
  };
  const next = (): Click => {
    const earlier = clicked.length > 0 && prng.bool(0.3) ? prng.pick(clicked) : null;
    if (earlier !== null && prng.bool(0.8)) return { ...earlier, at };
    if (prng.bool(0.1)) return { at, type: "merchant_pay", key: earlier?.key ?? freshKey(), terms: prng.weighted(TERMS) };
    const tab = prng.pick(tabs);
    if (prng.bool(0.3)) tab.token = token(prng, at);
    return { at, type: "click", tab: tab.number, key: earlier?.key ?? freshKey(), ...tab.token };
  };
  for (
    let left = prng.weighted([
      [4, 1],
      [4, prng.int(2, 4)],
      [2, prng.int(5, 10)],
    ]);
    left > 0;
    left -= 1
  ) {
    const click = next();
    clicked.push(click);
    actions.push(click);
    // The element repeats an unanswered POST, and a waiting page polls.
    if (prng.bool(0.15)) actions.push({ ...click, at: at + prng.int(SECOND, MINUTE) });
    for (
      let gets = prng.weighted([
        [3, 0],
        [2, prng.int(1, 5)],
      ]);
      gets > 0;
      gets -= 1
    )
      actions.push({ at: at + prng.int(0, 10 * MINUTE), type: "get" });
    at = when(prng, at);
  }
  for (
    let calls = prng.weighted([
      [5, 0],
      [2, prng.int(1, 4)],
    ]);
    calls > 0;
    calls -= 1
  ) {
    actions.push({ at: prng.int(0, 10 * MINUTE), type: "callback", attempt: prng.bool(0.3) ? null : prng.int(1, 3) });
  }
  const reactions = prng.listOf(0, 5, (): Reaction => {
    const after = prng.weighted([
      [3, prng.int(0, 3 * SECOND)],
      [3, prng.int(3 * SECOND, MINUTE)],
      [1, prng.logUniform(MINUTE, 60 * MINUTE)],
    ]);
    const tab = prng.pick(tabs);
    const { issuedAt } = tab.token;
    // After `failed` most shoppers use another card, with a newer token.
    const terms = prng.weighted([
      [3, 1],
      [3, 0],
      [1, 2],
    ]);
    return {
      status: "failed",
      after,
      action: { at: 0, type: "click", tab: tab.number, key: freshKey(), terms, issuedAt: issuedAt + (prng.bool(0.85) ? 600 : 0) },
    };
  });
  return { actions, reactions };
}
