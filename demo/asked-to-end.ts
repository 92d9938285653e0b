/** Settles when somebody asks this process to end: by Ctrl-C, by a signal, or by ending npm, which hands its signals to nobody. */
export function askedToEnd(): Promise<void> {
  return new Promise((resolve) => {
    process.on("SIGINT", () => resolve());
    process.on("SIGTERM", () => resolve());
    const parent = process.ppid;
    setInterval(() => process.ppid === parent || resolve(), 500).unref();
  });
}
