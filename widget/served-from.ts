/**
 * The edge that serves the script-tag file, as an `endpoint`.
 *
 * @param url - where the file was loaded from
 * @returns null when that is no edge's address but a copy of the file: then the page has to say where the edge is
 */
export function edgeServing(url: string): string | null {
  return /^(https?:.+)\/v1\/freedom-pay-charge\.js(?:[?#]|$)/.exec(url)?.[1] ?? null;
}
