/** Opens a payment page. */

import type { SimulatedPage } from "./page.ts";
import type { ParsedPage } from "./parsed-page.ts";
import { makePayment } from "./new-payment.ts";
import type { ModelState } from "./state.ts";

/**
 * Opens a page. Its payment shows `new`, and `incomplete` from the end of its life on.
 *
 * @param state - the model; it is changed.
 * @param now - epoch ms.
 */
export function openPage(state: ModelState, parsed: ParsedPage, now: number): SimulatedPage {
  const lasts = parsed.lifetime * state.options.pageSecond;
  const steps = [
    { after: 0, does: "waits", status: "new" },
    { after: lasts, does: "waits", status: "incomplete" },
  ] as const;
  const { id } = makePayment(state, parsed.create, { steps }, now);
  const page: SimulatedPage = { id, parsed, openedAt: now, closesAt: now + lasts, tries: [], checking: null };
  state.pages.set(id, page);
  return page;
}
