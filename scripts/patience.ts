// How long the tests wait before they take something for hung. On a quiet machine nothing takes a tenth of it: a slow machine, or one
// that has other things to do, is no fault.

/** Milliseconds for one thing that is waited for: a state, a line, an element on a page. */
export const WAIT_LIMIT = 60_000;

/** Milliseconds for a test, or for what prepares it. */
export const TEST_LIMIT = 180_000;

/** The same where a test is a story: processes that are killed and started again, pages that are gone through. */
export const STORY_LIMIT = 600_000;
