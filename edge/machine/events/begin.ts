/** The first call of an attempt: a create, or the call that opens its page. */
import type { Attempt } from "../record.ts";
import type { TransitionContext } from "../state.ts";
import { send } from "./create-answered.ts";
import { openPage } from "./page-opened.ts";

/** Records the first send; it leaves once the record is stored. */
export function begin(context: TransitionContext, attempt: Attempt): void {
  if (attempt.page === null) send(context, attempt, 0);
  else openPage(context, attempt, 0);
}
