/** Calls back when the parent process has ended, because npm does not forward signals. Does not keep this process alive. */
export function onParentExit(then: () => void): NodeJS.Timeout {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, 500);
  return timer.unref();
}
