/**
 * Work that the platform does in the background, and that a step has to wait for: signatures of Web Crypto settle when a thread has made
 * them, not with the promises of a turn.
 */

let pending = 0;

/** Counts a promise until it settles. */
export function counted<Value>(work: Promise<Value>): Promise<Value> {
  pending += 1;
  return work.finally(() => {
    pending -= 1;
  });
}

/** Whether something is still pending. */
export function isPending(): boolean {
  return pending > 0;
}

const { subtle } = crypto;
const importKey = subtle.importKey.bind(subtle);
const sign = subtle.sign.bind(subtle);
Object.assign(subtle, {
  importKey: (...parameters: Parameters<SubtleCrypto["importKey"]>) => counted(importKey(...parameters)),
  sign: (...parameters: Parameters<SubtleCrypto["sign"]>) => counted(sign(...parameters)),
});
