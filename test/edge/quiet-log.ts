/** The edge's own log lines stay out of the output of its tests; whoever asserts them spies on the console. */
for (const way of ["log", "error"] as const) {
  const write = console[way].bind(console);
  console[way] = (...said: unknown[]): void => {
    if (typeof said[0] !== "string" || !said[0].startsWith('{"event":')) write(...said);
  };
}
