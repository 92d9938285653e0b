/** Does something and says how long it took, in milliseconds by the clock. */
export async function timed<Value>(work: () => Promise<Value> | Value): Promise<readonly [Value, number]> {
  const began = performance.now();
  const value = await work();
  return [value, performance.now() - began];
}
