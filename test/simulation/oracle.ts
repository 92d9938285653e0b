/**
 * Checks the invariants after every step of a history, against the gateway's own books and the text of the rules, not against the edge's
 * own state.
 */
import type { SimulationEvent } from "./simulation-event.ts";
import type { Violation, Checker, CheckContext, Fail } from "./checker.ts";
import { requestChecker } from "./oracle-requests.ts";
import { moneyChecker } from "./oracle-money.ts";
import { recordChecker } from "./oracle-record.ts";
import { rulesChecker } from "./oracle-rules.ts";
import { decisionChecker } from "./oracle-decided.ts";
import { hintChecker } from "./oracle-hints.ts";
import { refundChecker } from "./oracle-refunds.ts";
import { settingsChecker } from "./oracle-settings.ts";
import { attentionChecker } from "./oracle-attention.ts";
import { pageChecker } from "./oracle-page.ts";
import { profileChecker } from "./oracle-profile.ts";
import { merchantChecker } from "./oracle-merchant.ts";
import { shardFaultsChecker } from "./oracle-shard-faults.ts";

/** Runs all checkers over a history. Keeps the first violation. */
export class Oracle {
  readonly #context: CheckContext;
  readonly #checkers: readonly Checker[];
  violation: Violation | null = null;

  constructor(context: CheckContext) {
    this.#context = context;
    const fail: Fail = (invariant, text) => {
      this.violation ??= { invariant, text, at: context.schedule.now };
    };
    const factories = [
      settingsChecker,
      moneyChecker,
      requestChecker,
      recordChecker,
      rulesChecker,
      decisionChecker,
      hintChecker,
      refundChecker,
      attentionChecker,
      shardFaultsChecker,
      merchantChecker,
      pageChecker,
      profileChecker,
    ];
    this.#checkers = factories.map((makeChecker) => makeChecker(context, fail));
  }

  onEvent(event: SimulationEvent): void {
    for (const makeChecker of this.#checkers) makeChecker.onEvent?.(event);
  }

  afterStep(): void {
    const { record } = this.#context.object;
    for (const makeChecker of this.#checkers) makeChecker.check?.(record);
  }

  checkAtEnd(): void {
    const { record } = this.#context.object;
    for (const makeChecker of this.#checkers) makeChecker.checkAtEnd?.(record);
  }
}
