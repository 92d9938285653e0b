/** Constants of the rules that a new deployment may change: each is an edit of the edge's text, and the number that the oracle uses. */
import type { Edit } from "./edge-copy.ts";
import { DAY, MINUTE } from "../../src/lib/time.ts";

/** Constants of the rules, in milliseconds. */
export interface RuleNumbers {
  /** M5: "never seen" counts only if the read left this long after the last send. */
  readonly neverSeenAfter: number;
  /** When the gateway is expected to clear a hold that nobody cleared. */
  readonly holdEnds: number;
  /** When the edge raises attention for a charge that is still undecided. */
  readonly undecidedAttentionAfter: number;
}

/** A deployment's constants, by name. */
export type RulesName = "usual" | "holds end later" | "holds end sooner" | "never seen later" | "never seen sooner" | "attention later";

/** The edits of a deployment, and its constants. */
export interface Rules {
  readonly edits: readonly Edit[];
  readonly numbers: RuleNumbers;
}

const USUAL: RuleNumbers = { neverSeenAfter: 5 * MINUTE, holdEnds: 5 * DAY, undecidedAttentionAfter: 15 * MINUTE };

function changed(find: string, replace: string, numbers: Partial<RuleNumbers> = {}): Rules {
  return { edits: [{ file: "machine/schedule", find, replace }], numbers: { ...USUAL, ...numbers } };
}

/** The constants of all deployments. */
export const RULES: Readonly<Record<RulesName, Rules>> = {
  usual: { edits: [], numbers: USUAL },
  "holds end later": changed("HOLD_ENDS_AFTER: number = 5 * DAY", "HOLD_ENDS_AFTER: number = 7 * DAY", { holdEnds: 7 * DAY }),
  "holds end sooner": changed("HOLD_ENDS_AFTER: number = 5 * DAY", "HOLD_ENDS_AFTER: number = 3 * DAY", { holdEnds: 3 * DAY }),
  "never seen later": changed("NEVER_SEEN_AFTER: number = 5 * MINUTE", "NEVER_SEEN_AFTER: number = 10 * MINUTE", {
    neverSeenAfter: 10 * MINUTE,
  }),
  "never seen sooner": changed("NEVER_SEEN_AFTER: number = 5 * MINUTE", "NEVER_SEEN_AFTER: number = 4 * MINUTE", {
    neverSeenAfter: 4 * MINUTE,
  }),
  "attention later": changed('["undecided_15_minutes", 15 * MINUTE]', '["undecided_15_minutes", 45 * MINUTE]', {
    undecidedAttentionAfter: 45 * MINUTE,
  }),
};
