/** The edge's own log lines stay out of the output of its tests; whoever asserts them spies on the console. */
for (const method of ["log", "error"] as const) {
  const write = console[method].bind(console);
  console[method] = (...args: unknown[]): void => {
    if (typeof args[0] !== "string" || !args[0].startsWith('{"event":')) write(...args);
  };
}
