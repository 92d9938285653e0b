/// <reference path="./built-element.d.ts" />
import source from "../../dist/cdn/freedom-pay-charge.js";
import { isKnown, readIfNoneMatch } from "./entity-tag.ts";

/** Seconds for which a page may cache the file: a new version reaches every page within five minutes. */
const MAX_AGE = 300;

let tag: Promise<string> | undefined;

/**
 * The element's file, which any page may load: 200 with the text, or 304 if the page has it.
 *
 * @param ifNoneMatch the header, or null
 */
export async function serveElement(ifNoneMatch: string | null): Promise<Response> {
  tag ??= tagOf(source);
  const etag = await tag;
  const headers = {
    ETag: etag,
    "Cache-Control": `public, max-age=${MAX_AGE}`,
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
  };
  if (isKnown(etag, readIfNoneMatch(ifNoneMatch))) return new Response(null, { status: 304, headers });
  return new Response(source, { headers: { ...headers, "Content-Type": "text/javascript; charset=utf-8" } });
}

async function tagOf(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return `"${Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("")}"`;
}
