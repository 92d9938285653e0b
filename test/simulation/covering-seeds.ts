/** Seeds that make everything occur that coverage.ts lists. Found by `npm run simulate -- --cover`. */
import type { PlayedSeed } from "./campaign.ts";

/** Played with v5 alone. */
const WITH_V5 = [
  1, 4, 8, 12, 14, 21, 24, 32, 39, 41, 44, 51, 53, 75, 78, 80, 86, 89, 91, 107, 123, 124, 232, 290, 304, 380, 387, 414, 444, 460, 484, 1025,
  1456,
];

/** Played without pages. */
const WITHOUT_PAGES = [9, 33, 38, 47, 48, 54, 74, 81, 130, 344, 413, 560];

/** Played with pages. */
const WITH_PAGES = [1, 244];

/** Played as the seed itself says. */
const AS_THEY_ARE = [139, 152, 176, 344, 643, 644, 689, 701, 715, 716, 792, 911, 915, 965, 1094, 1106, 1108, 1126, 1672, 4425];

export const COVERING_SEEDS: readonly PlayedSeed[] = [
  ...WITH_V5.map((seed) => ({ seed, apis: "async" as const })),
  ...WITHOUT_PAGES.map((seed) => ({ seed, pages: false })),
  ...WITH_PAGES.map((seed) => ({ seed, pages: true })),
  ...AS_THEY_ARE.map((seed) => ({ seed })),
];
