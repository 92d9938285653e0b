/**
 * The globals that src/ may use: ECMAScript's, and of the Web's those that Node, Deno, Bun, Workers and browsers
 * all have (the WinterTC minimum common API). A name that is not here is a global of one platform, or a new one.
 */
export const WEB_GLOBALS: ReadonlySet<string> = new Set(
  `
  undefined NaN Infinity globalThis Object Function Boolean Symbol Error AggregateError EvalError RangeError ReferenceError
  SyntaxError TypeError URIError Number BigInt Math Date String RegExp Array Map Set WeakMap WeakSet WeakRef
  FinalizationRegistry ArrayBuffer SharedArrayBuffer DataView Atomics JSON Promise Proxy Reflect Intl Iterator
  Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array
  Float32Array Float64Array parseInt parseFloat isNaN isFinite encodeURI encodeURIComponent decodeURI decodeURIComponent
  arguments
  AbortController AbortSignal Blob CompressionStream Crypto CryptoKey CustomEvent DecompressionStream DOMException Event
  EventTarget File FormData Headers ReadableStream Request Response SubtleCrypto TextDecoder TextDecoderStream TextEncoder
  TextEncoderStream TransformStream URL URLSearchParams WritableStream
  atob btoa clearInterval clearTimeout console crypto fetch performance queueMicrotask setInterval setTimeout structuredClone
  `
    .trim()
    .split(/\s+/),
);
