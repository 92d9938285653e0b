/** How many POSTs one order takes. In memory: a limit, not a rule of money. */
import { SECOND } from "../../src/lib/time.ts";

/** POSTs of one order in a window, and the window. */
const MAX_POSTS = 20;
const POST_WINDOW = 10 * SECOND;

/** Orders whose POSTs are counted at once. */
const MAX_COUNTED = 2_000;

export class PostLimit {
  /** Times of the last POSTs, by order, the order of the newest POST last. */
  readonly #posts = new Map<string, readonly number[]>();

  /** Counts a POST. Returns the seconds to wait if there were too many, else 0. */
  count(orderId: string, now: number): number {
    const posts = (this.#posts.get(orderId) ?? []).filter((at) => now - at < POST_WINDOW && at <= now);
    const oldest = posts[0];
    if (oldest !== undefined && posts.length >= MAX_POSTS) return Math.ceil((oldest + POST_WINDOW - now) / SECOND);
    this.#posts.delete(orderId);
    this.#posts.set(orderId, [...posts, now]);
    const first = this.#posts.keys().next();
    if (this.#posts.size > MAX_COUNTED && !first.done) this.#posts.delete(first.value);
    return 0;
  }
}
