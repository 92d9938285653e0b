/** Runs a function and returns its result and its time in milliseconds. */
export async function timed<Value>(work: () => Promise<Value> | Value): Promise<readonly [Value, number]> {
  const began = performance.now();
  const value = await work();
  return [value, performance.now() - began];
}
