/**
 * The rate of new orders that the packed edge reaches in these very surroundings. It is less than that of `test/bench/RESULTS.md`: here the
 * gateway is the simulator, which verifies, calls back twice for each order, and shares the machine.
 */
import type { PartOptions } from "./part.ts";
import { withEdge } from "./part.ts";
import { openShards } from "./warm-up.ts";

/** Callers that place one order after another, as in the benches. */
export const CALLERS = 32;

/** Milliseconds. */
const MEASURED = 15_000;

/** Orders a second, after the shards are open. */
export function reachedRate({ installed, warmUp }: Pick<PartOptions, "installed" | "warmUp">): Promise<number> {
  return withEdge(
    { installed },
    () => ({}),
    async ({ shop }) => {
      await openShards(
        shop,
        Array.from({ length: warmUp }, (_, number) => `opening-${number}`),
      );
      let begun = 0;
      let paid = 0;
      const began = performance.now();
      await Promise.all(
        Array.from({ length: CALLERS }, async () => {
          while (performance.now() - began < MEASURED) {
            const { status } = await shop.pay(`order-${begun++}`);
            if (status === 201) paid += 1;
          }
        }),
      );
      return (paid * 1000) / (performance.now() - began);
    },
  );
}
