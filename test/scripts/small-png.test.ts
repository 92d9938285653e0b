import { crc32, deflateSync, inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { smallPng } from "../../scripts/small-png.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

function chunk(name: string, content: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}

/** A PNG of 2 pixels a line from filtered lines. */
function png(type: number, ...lines: readonly (readonly number[])[]): Buffer {
  const header = Buffer.from([0, 0, 0, 2, 0, 0, 0, lines.length, 8, type, 0, 0, 0]);
  const data = deflateSync(Buffer.from(lines.flat()));
  return Buffer.concat([Buffer.from(SIGNATURE), chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

/** The colours of a small PNG's pixels, line by line. */
function colours(small: Buffer): readonly string[] {
  const part = (name: string): Buffer => {
    const at = small.indexOf(name);
    return small.subarray(at + 4, at + 4 + small.readUInt32BE(at - 4));
  };
  const palette = part("PLTE").toString("hex").match(/.{6}/g) ?? [];
  return [...inflateSync(part("IDAT"))].flatMap((place, at) => (at % 3 === 0 ? [] : (palette[place] ?? "none")));
}

test("every line filter is undone, and each pixel keeps its colour", () => {
  const small = smallPng(
    png(
      2,
      [0, 10, 20, 30, 200, 100, 50],
      [1, 10, 20, 30, 190, 80, 20],
      [2, 0, 0, 0, 1, 1, 1],
      [3, 5, 10, 15, 0, 0, 0],
      [4, 0, 0, 0, 0, 0, 0],
    ),
  );
  // By hand from the definitions of Sub, Up, Average and Paeth.
  const [one, two] = ["0a141e", "c86432"];
  expect(colours(small)).toEqual([one, two, one, two, one, "c96533", one, "693c28", one, "693c28"]);
});

test("transparency, of which a screenshot has none, is left out", () => {
  expect(colours(smallPng(png(6, [0, 1, 2, 3, 255, 4, 5, 6, 255])))).toEqual(["010203", "040506"]);
});

test("another kind of PNG is refused", () => {
  expect(() => smallPng(png(0, [0, 1, 2]))).toThrow("The PNG is not a screenshot of Chromium");
});
