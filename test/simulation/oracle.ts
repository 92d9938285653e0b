/**
 * What must be so after every step of a history, whatever happens in it: the invariants, judged by the gateway's own books and by the
 * rules' words, not by what the edge believes.
 */
import type { Happening } from "./happening.ts";
import type { Violation, Watch, Watched, Fail } from "./watch.ts";
import { watchAskings } from "./oracle-askings.ts";
import { watchMoney } from "./oracle-money.ts";
import { watchRecord } from "./oracle-record.ts";
import { watchRules } from "./oracle-rules.ts";
import { watchDecided } from "./oracle-decided.ts";
import { watchHints } from "./oracle-hints.ts";
import { watchRefunds } from "./oracle-refunds.ts";
import { watchSettings } from "./oracle-settings.ts";
import { watchTold } from "./oracle-told.ts";

/** Watches a history. Keeps the first violation. */
export class Oracle {
  readonly #watched: Watched;
  readonly #watches: readonly Watch[];
  violation: Violation | null = null;

  constructor(watched: Watched) {
    this.#watched = watched;
    const fail: Fail = (invariant, text) => {
      this.violation ??= { invariant, text, at: watched.schedule.now };
    };
    const watches = [watchSettings, watchMoney, watchAskings, watchRecord, watchRules, watchDecided, watchHints, watchRefunds, watchTold];
    this.#watches = watches.map((watch) => watch(watched, fail));
  }

  hear(happening: Happening): void {
    for (const watch of this.#watches) watch.hear?.(happening);
  }

  afterStep(): void {
    const { record } = this.#watched.object;
    for (const watch of this.#watches) watch.look?.(record);
  }

  conclude(): void {
    const { record } = this.#watched.object;
    for (const watch of this.#watches) watch.conclude?.(record);
  }
}
