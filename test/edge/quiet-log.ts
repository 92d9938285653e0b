/** Hides the edge's own log lines in the output of its tests. A test that asserts them spies on the console. */
for (const method of ["log", "error"] as const) {
  const write = console[method].bind(console);
  console[method] = (...args: unknown[]): void => {
    if (typeof args[0] !== "string" || !args[0].startsWith('{"event":')) write(...args);
  };
}
