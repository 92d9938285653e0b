import type { Moment } from "./attempt-key.ts";
import { elapsed, now, REPEAT_WINDOW } from "./attempt-key.ts";

/** The events by which a page hears of a shopper. The click on a button is the last of them. */
export const PRESSES: readonly string[] = ["keydown", "keyup", "pointerup", "click"];

/** What comes so soon after a press that was taken belongs to it: the other half of a double click. Milliseconds. */
const PAUSE = 500;

/**
 * The shopper's last press on the page, which pays once (design: "A charge never happens without a click of the last two minutes").
 * A script's click is none, nor are those of a key that is held after its first.
 */
export class LastPress {
  #at: Moment | null = null;
  /** Whether a key is held: the browser clicks the button again and again then. */
  #isHeld = false;
  /** When one was last taken, by the steady clock. */
  #takenAt = -PAUSE;

  /** Hears of one of {@link PRESSES}. */
  handleEvent({ isTrusted, repeat, detail }: Pick<KeyboardEvent, "isTrusted"> & Partial<KeyboardEvent>): void {
    // Only keys say whether they are held. A pointer's click has a count: the end of the key may have been another window's.
    this.#isHeld = repeat ?? (this.#isHeld && !detail);
    const at = now();
    if (isTrusted && !this.#isHeld && at.steady - this.#takenAt >= PAUSE) this.#at = at;
  }

  /** Takes the press. False when there is none of the last two minutes that was not taken. */
  take(): boolean {
    const time = now();
    const isThere = this.#at !== null && elapsed(this.#at, time) <= REPEAT_WINDOW;
    this.#at = null;
    if (isThere) this.#takenAt = time.steady;
    return isThere;
  }
}
