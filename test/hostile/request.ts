/** Requests of the hostile inputs. */
import { CHARGE } from "../edge/forged-token.ts";
import type { bodies } from "./inputs.ts";
import { bytesOf, joined } from "./recipe.ts";

type Body = (typeof bodies)[number];

const GOOD = JSON.stringify({ ...CHARGE, user_ip: "84.252.158.239" });

/** The bytes of a body: its recipe, or the valid body with parts replaced, padded with spaces to a length. */
export function bodyOf({ name, input, swap = [], fill = 0 }: Body): Uint8Array<ArrayBuffer> {
  const good = new TextEncoder().encode(GOOD);
  const body = input === undefined ? swap.reduce((now, [from, to]) => replaced(now, from, bytesOf(to)), good) : bytesOf(input, good);
  if (input === undefined && swap.length === 0) throw new Error(`${name} changes nothing`);
  return joined([body, new Uint8Array(Math.max(0, fill - body.length)).fill(0x20)]);
}

function replaced(bytes: Uint8Array, from: string, to: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder("latin1").decode(bytes);
  const start = text.indexOf(from);
  if (start < 0) throw new Error(`There is no ${from} to replace`);
  return joined([bytes.subarray(0, start), to, bytes.subarray(start + from.length)]);
}

/** A body in pieces, of which the last may never arrive. */
export function inPieces(bytes: Uint8Array<ArrayBuffer>, pieces: number, breaks: boolean): ReadableStream<Uint8Array> {
  const size = Math.ceil(bytes.length / pieces);
  let sent = 0;
  return new ReadableStream({
    pull(controller): void {
      if (sent < bytes.length) controller.enqueue(bytes.slice(sent, (sent += size)));
      else if (breaks) controller.error(new TypeError("The connection broke"));
      else controller.close();
    },
  });
}
