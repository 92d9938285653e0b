/** The name under which a poll that is still to leave stands among the order's open calls. After a reset there is none. */
export function pollWait(attempt: number, startedAt: number): string {
  return `attempt ${attempt} wait ${startedAt}`;
}
