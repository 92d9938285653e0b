/** Resolves when this process should end: Ctrl-C, a signal, or the end of npm, which does not forward signals. */
export function shutdownRequested(): Promise<void> {
  return new Promise((resolve) => {
    process.on("SIGINT", () => resolve());
    process.on("SIGTERM", () => resolve());
    const parent = process.ppid;
    setInterval(() => process.ppid === parent || resolve(), 500).unref();
  });
}
