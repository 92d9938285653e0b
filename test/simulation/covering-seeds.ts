/** Seeds which, with those of the deliberate bugs, make everything occur that coverage.ts lists. Found by `npm run simulate -- --cover`. */
export const COVERING_SEEDS: readonly number[] = [21, 32, 39, 75, 78, 89, 91, 107, 124, 139, 148, 232, 244, 290, 304, 414, 460, 484];
