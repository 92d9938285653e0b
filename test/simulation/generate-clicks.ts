/** Who clicks: tabs with their tokens, keys used once or again, the merchant's server, pages that ask. */
import type { Chance } from "./chance.ts";
import type { Deed, Reaction } from "./scenario.ts";
import { MINUTE, SECOND } from "./scenario.ts";

type Click = Extract<Deed, { readonly does: "click" | "server_pays" }>;

/** A token as a tab has it: its terms, and when it was issued (seconds after the start). */
interface Token {
  readonly terms: number;
  readonly issuedAt: number;
}

/** The usual terms mostly; else another card, amount, mode, currency, user. */
const TERMS: readonly (readonly [number, number])[] = [
  [14, 0],
  [4, 1],
  [1.5, 2],
  [0.7, 3],
  [0.3, 4],
  [0.3, 5],
];

/** When clicks come: at once, bunched together, spread over minutes, much later. */
function when(chance: Chance, before: number): number {
  return chance.weighted([
    [3, before + chance.int(0, 60)],
    [3, before + chance.int(100, 3 * SECOND)],
    [3, before + chance.int(3 * SECOND, 40 * SECOND)],
    [2, before + chance.int(40 * SECOND, 4 * MINUTE)],
    [1, before + chance.int(4 * MINUTE, 20 * MINUTE)],
  ]);
}

function token(chance: Chance, at: number): Token {
  return {
    terms: chance.weighted(TERMS),
    issuedAt:
      Math.floor(at / SECOND) -
      chance.weighted([
        [3, 1],
        [2, chance.int(2, 600)],
        [1, 0],
      ]),
  };
}

/** What the shoppers and the merchant's server do of their own accord, and on seeing `failed`. */
export function clicks(chance: Chance): { readonly deeds: Deed[]; readonly reactions: Reaction[] } {
  const tabs = Array.from(
    {
      length: chance.weighted([
        [5, 1],
        [3, 2],
        [2, chance.int(3, 5)],
      ]),
    },
    (_, index) => ({ number: index + 1, token: token(chance, 0) }),
  );
  const deeds: Deed[] = [];
  const clicked: Click[] = [];
  let at = chance.int(0, SECOND);
  let keys = 0;
  const freshKey = (): string => {
    keys += 1;
    return `key-${keys}`;
  };
  const next = (): Click => {
    const earlier = clicked.length > 0 && chance.is(0.3) ? chance.pick(clicked) : null;
    if (earlier !== null && chance.is(0.8)) return { ...earlier, at };
    if (chance.is(0.1)) return { at, does: "server_pays", key: earlier?.key ?? freshKey(), terms: chance.weighted(TERMS) };
    const tab = chance.pick(tabs);
    if (chance.is(0.3)) tab.token = token(chance, at);
    return { at, does: "click", tab: tab.number, key: earlier?.key ?? freshKey(), ...tab.token };
  };
  for (
    let left = chance.weighted([
      [4, 1],
      [4, chance.int(2, 4)],
      [2, chance.int(5, 10)],
    ]);
    left > 0;
    left -= 1
  ) {
    const click = next();
    clicked.push(click);
    deeds.push(click);
    // The element repeats an unanswered POST, and a page that waits asks again and again.
    if (chance.is(0.15)) deeds.push({ ...click, at: at + chance.int(SECOND, MINUTE) });
    for (
      let gets = chance.weighted([
        [3, 0],
        [2, chance.int(1, 5)],
      ]);
      gets > 0;
      gets -= 1
    )
      deeds.push({ at: at + chance.int(0, 10 * MINUTE), does: "get" });
    at = when(chance, at);
  }
  for (
    let calls = chance.weighted([
      [5, 0],
      [2, chance.int(1, 4)],
    ]);
    calls > 0;
    calls -= 1
  ) {
    deeds.push({ at: chance.int(0, 10 * MINUTE), does: "calls_back", attempt: chance.is(0.3) ? null : chance.int(1, 3) });
  }
  const reactions = chance.times(0, 5, (): Reaction => {
    const after = chance.weighted([
      [3, chance.int(0, 3 * SECOND)],
      [3, chance.int(3 * SECOND, MINUTE)],
      [1, chance.spread(MINUTE, 60 * MINUTE)],
    ]);
    const tab = chance.pick(tabs);
    const { issuedAt } = tab.token;
    // What comes after `failed` is mostly another card; its token is a later one.
    const terms = chance.weighted([
      [3, 1],
      [3, 0],
      [1, 2],
    ]);
    return {
      to: "failed",
      after,
      deed: { at: 0, does: "click", tab: tab.number, key: freshKey(), terms, issuedAt: issuedAt + (chance.is(0.85) ? 600 : 0) },
    };
  });
  return { deeds, reactions };
}
