/** What the server knows of the order: the test writes it here before it builds. */
export const props = { endpoint: "", token: "" };
