/** Hostile and careless values. */
import fc from "fast-check";

/** Text of any characters, often problematic ones such as lone surrogates. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom("0", "1", "-", ".", " ", "e", "+", '"', "\\", "%", "\u0000", "\n", "\ud83d", "\u202e", "１", "٣"),
    maxLength: 20,
  }),
  fc.constantFrom("", "__proto__", "constructor", "toString", "null", "undefined", "NaN", "Infinity", "4111111111111111", "-0", "1e400"),
);

/** Any JSON value, deep ones and names of Object.prototype included. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.oneof(anyText, fc.double(), fc.integer(), fc.boolean(), fc.constant(null)) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4, stringUnit: "binary" }) },
  { weight: 1, arbitrary: fc.array(fc.oneof(anyText, fc.double()), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(anyText, fc.oneof(anyText, fc.double()), { maxKeys: 3, noNullPrototype: true }) },
);

/**
 * The JSON text of some members, a few of which are changed, missing, twice there, or strangers.
 *
 * @param good members and their good values
 */
export function nearly(good: Readonly<Record<string, unknown>>): fc.Arbitrary<string> {
  const names = Object.keys(good);
  const change = fc.tuple(
    fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: anyText }),
    fc.option(anyJson, { nil: undefined }),
  );
  return fc.tuple(fc.array(change, { maxLength: 3 }), fc.boolean()).map(([changes, twice]) => {
    const members: (readonly [string, unknown])[] = Object.entries(good);
    for (const [name, value] of changes) {
      const at = members.findIndex(([known]) => known === name);
      if (at < 0 || (twice && value !== undefined)) members.push([name, value]);
      else if (value === undefined) members.splice(at, 1);
      else members[at] = [name, value];
    }
    return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value) ?? "null"}`).join(",")}}`;
  });
}

/** A text with one change: a character replaced, removed or added, or the rest cut off. */
export function changed(text: string): fc.Arbitrary<string> {
  const place = fc.nat(text.length - 1);
  const one = fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    fc.constantFrom("A", "B", "=", ".", "-", "_", "+", "/", " "),
  );
  return fc.tuple(place, one, fc.nat(3)).map(([at, character, how]) => {
    const [before, after] = [text.slice(0, at), text.slice(at + 1)];
    if (how === 0) return before + character + after;
    if (how === 1) return before + after;
    return how === 2 ? before + character + text.slice(at) : before;
  });
}
