// Time-outs of the tests. On a quiet machine nothing takes a tenth of them, so that a slow or busy machine does not fail a test.

/** Milliseconds for one wait: for a state, a line, an element on a page. */
export const WAIT_LIMIT = 60_000;

/** Milliseconds for a test or its set-up. */
export const TEST_LIMIT = 180_000;

/** Milliseconds for a long test, with processes that restart or several pages. */
export const STORY_LIMIT = 600_000;
