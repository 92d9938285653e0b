/** Seeds which, with those of the deliberate bugs, make everything occur that coverage.ts lists. Found by `npm run simulate -- --cover`. */
import type { PlayedSeed } from "./campaign.ts";

/** Found when every seed was played with v5. */
const WITH_V5 = [21, 32, 39, 75, 78, 89, 91, 107, 124, 139, 148, 232, 244, 290, 304, 414, 460, 484];

/** Found when no page was played. */
const BEFORE_PAGES = [9, 15, 28, 33, 47, 48, 54, 56, 74, 81, 413];

/** Found with pages. */
const WITH_PAGES = [139, 152, 176, 344, 643, 644, 663, 689, 701, 715, 716, 792, 911, 915, 965, 1094, 1106, 1108, 1126, 1672, 4425];

export const COVERING_SEEDS: readonly (number | PlayedSeed)[] = [
  ...WITH_V5.map((seed): PlayedSeed => ({ seed, apis: "async" })),
  ...BEFORE_PAGES.map((seed): PlayedSeed => ({ seed, pages: false })),
  ...WITH_PAGES,
];
