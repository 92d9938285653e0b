import { REPEAT_WINDOW } from "./attempt-key.ts";
import type { Moment } from "./clock.ts";
import { elapsed, now } from "./clock.ts";

/** The events that show a press of the shopper. The click on a button is the last of them. */
export const PRESSES: readonly string[] = ["keydown", "keyup", "pointerup", "click"];

/** What comes this soon after a consumed press belongs to it, such as the second half of a double click. Milliseconds. */
const DOUBLE_PRESS = 500;

function isRecent(press: Moment | null, time: Moment): boolean {
  return press !== null && elapsed(press, time) <= REPEAT_WINDOW;
}

/**
 * The shopper's last press on the page. It pays once, and only within two minutes. Clicks by scripts do not count, nor do the repeats of a
 * key that is held.
 */
export class LastPress {
  #at: Moment | null = null;
  /** The press that was consumed last, null once the page was left. */
  #consumed: Moment | null = null;
  /** A key is held: the browser clicks the button again and again. */
  #isHeld = false;
  /** When a press was last consumed, by the steady clock. */
  #consumedAt = -DOUBLE_PRESS;

  /** Whether a click now would be a part of the press that was consumed last. */
  get isRepeat(): boolean {
    return this.#isHeld || now().steady - this.#consumedAt < DOUBLE_PRESS;
  }

  /** Whether the press that was consumed last is one of the last two minutes. */
  get isRecent(): boolean {
    return isRecent(this.#consumed, now());
  }

  /** Forgets every press: the shopper has left the page since. */
  forget(): void {
    this.#at = this.#consumed = null;
  }

  /** Takes one of {@link PRESSES} in. */
  handleEvent({ isTrusted, repeat, detail }: Pick<KeyboardEvent, "isTrusted"> & Partial<KeyboardEvent>): void {
    // Only key events say whether the key is held. A pointer's click has a count: the end of a held key may have gone to another window.
    this.#isHeld = repeat ?? (this.#isHeld && !detail);
    if (isTrusted && !this.isRepeat) this.#at = now();
  }

  /** Consumes the press. False when the last two minutes had none, or it was consumed already. */
  consume(): boolean {
    const time = now();
    const isThere = isRecent(this.#at, time);
    if (isThere) {
      this.#consumed = this.#at;
      this.#consumedAt = time.steady;
    }
    this.#at = null;
    return isThere;
  }
}
