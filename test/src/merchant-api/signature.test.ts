import { md5 } from "@noble/hashes/legacy.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Field } from "../../../src/merchant-api/field.ts";
import { scriptOf, signedValues, signFields, verifyFields } from "../../../src/merchant-api/signature.ts";
import { md5 as simulatorsMd5 } from "../../../src/simulator/md5.ts";
import { signNested } from "../../../src/simulator/pg-signature.ts";
import { cases } from "../../length.ts";
import { fieldsOf } from "./fake-gateway.ts";

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** RFC 1321, appendix A.5. */
const RFC_1321 = [
  ["", "d41d8cd98f00b204e9800998ecf8427e"],
  ["a", "0cc175b9c0f1b6a831c399e269772661"],
  ["abc", "900150983cd24fb0d6963f7d28e17f72"],
  ["message digest", "f96b697d7cb7938d525a2f31aaf161d0"],
  ["abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"],
  ["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"],
  ["12345678901234567890123456789012345678901234567890123456789012345678901234567890", "57edf4a22be3c955ac49da2e2107b67a"],
] as const;

test.each(RFC_1321)("the MD5 of %j is RFC 1321's, by the library and by the simulator", (text, digest) => {
  expect(hex(md5(new TextEncoder().encode(text)))).toBe(digest);
  expect(simulatorsMd5(text)).toBe(digest);
});

/** The signature that two independent libraries publish, then signatures that were computed from the same rule. */
const VECTORS: readonly (readonly [name: string, script: string, fields: Readonly<Record<string, unknown>>, key: string, sig: string])[] = [
  [
    "nested fields",
    "script.php",
    {
      pg_salt: "9imM909TH820jwk387",
      pg_t_param: "value3",
      pg_a_param: "value1",
      pg_z_param: { pg_q_subparam: "subvalue2", pg_m_subparam: "subvalue1" },
      pg_b_param: "value2",
    },
    "mypasskey",
    "a8a4d5a9188f24038a14a4d65c387bf7",
  ],
  [
    "a call",
    "init_payment.php",
    {
      pg_merchant_id: "123456",
      pg_amount: "25",
      pg_description: "Order description",
      pg_order_id: "23",
      pg_salt: "some_random_string",
    },
    "secret_key",
    "5700cdadc7f5ba874b4a94eb5ecbaa07",
  ],
  [
    "a description in Russian",
    "init_payment.php",
    { pg_merchant_id: "123456", pg_amount: "25", pg_description: "Заказ №23", pg_order_id: "23", pg_salt: "some_random_string" },
    "secret_key",
    "7974e1e4f3fdf6c7ea123fe33e7845f5",
  ],
  [
    "an answer of ours",
    "result",
    { pg_status: "ok", pg_description: "Order paid", pg_salt: "some_random_string" },
    "secret_key",
    "badeb9743356e895795d02e3682d4187",
  ],
];

test.each(VECTORS)("the published signature of %s is made and verified", (_, script, members, key, sig) => {
  const fields = fieldsOf(members);
  expect(signFields(script, fields, key)).toBe(sig);
  expect(signNested(script, fields, key)).toBe(sig);
  expect(verifyFields(script, [...fields, { name: "pg_sig", value: sig }], key)).toBe("valid");
});

describe("the signed values", () => {
  test.each<readonly [string, Readonly<Record<string, unknown>>, readonly string[]]>([
    [
      "are in the order of code units, not of a language",
      { b: "b", a: "a", B: "B", _: "_", я: "ya", ё: "yo", ä: "ae" },
      ["B", "_", "a", "b", "ae", "ya", "yo"],
    ],
    ["have a name before the longer one that begins with it", { pg_ab: "2", pg_a: "1", pg_a1: "3" }, ["1", "3", "2"]],
    [
      "have nested fields at the place of their parent, sorted inside",
      { z: "z", n: { y: "y", x: { b: "b", a: "a" } }, a: "0" },
      ["0", "a", "b", "y", "z"],
    ],
    ["keep repeated names in their order", { n: ["2", "1", { b: "4", a: "3" }], a: "0" }, ["0", "2", "1", "3", "4"]],
    ["include empty values, salt and foreign names", { pg_salt: "s", own: "", a: "a" }, ["a", "", "s"]],
    ["are not trimmed", { a: " a\n" }, [" a\n"]],
    ["leave out pg_sig, as text and as nested fields", { pg_sig: ["x", { a: "y" }], a: "a" }, ["a"]],
    ["include names of Object.prototype", { constructor: "c", toString: "t", ["__proto__"]: "p" }, ["p", "c", "t"]],
  ])("%s", (_, members, values) => {
    expect(signedValues(fieldsOf(members))).toEqual(values);
  });
});

const FIELDS = fieldsOf({ pg_order_id: "1234", pg_amount: "10", pg_salt: "abc" });
const KEY = "test-secret-key";
const SIG = signFields("result", FIELDS, KEY);
const signed = (value: Field["value"], fields: readonly Field[] = FIELDS): readonly Field[] => [...fields, { name: "pg_sig", value }];

describe("a signature is invalid", () => {
  test.each<readonly [string, string, readonly Field[], string]>([
    ["under another script", "check", signed(SIG), KEY],
    ["under another key", "result", signed(SIG), `${KEY}x`],
    ["with a value changed", "result", signed(SIG, fieldsOf({ pg_order_id: "1235", pg_amount: "10", pg_salt: "abc" })), KEY],
    ["with a value added", "result", signed(SIG, [...FIELDS, { name: "pg_x", value: "" }]), KEY],
    ["with a value removed", "result", signed(SIG, FIELDS.slice(1)), KEY],
    ["with a digit changed", "result", signed(SIG.replace(/.$/, SIG.endsWith("0") ? "1" : "0")), KEY],
    ["cut off", "result", signed(SIG.slice(0, 31)), KEY],
    ["with a line behind it", "result", signed(`${SIG}\n`), KEY],
    ["in capitals", "result", signed(SIG.toUpperCase()), KEY],
    ["when it is empty", "result", signed(""), KEY],
    ["when it is nested", "result", signed([{ name: "pg_sig", value: SIG }]), KEY],
    ["when it is there twice", "result", signed(SIG, signed(SIG)), KEY],
    ["when another is there beside it", "result", signed("0".repeat(32), signed(SIG)), KEY],
    ["for a script that cannot be signed", "result;1234", signed(SIG), KEY],
    ["for no script", "", signed(SIG), KEY],
  ])("%s", (_, script, fields, key) => {
    expect(verifyFields(script, fields, key)).toBe("invalid");
  });
});

test("fields without a signature have none, which is another thing than a wrong one", () => {
  expect(verifyFields("result", FIELDS, KEY)).toBe("absent");
  expect(verifyFields("result", signed(SIG), KEY)).toBe("valid");
});

test.each([
  ["https://api.freedompay.kz/init_payment.php", "init_payment.php"],
  ["https://api.freedompay.kz/v1/merchant/123456/cardstorage/list?x=/y", "list"],
  ["https://shop.example/hooks/result?order=1/2#/3", "result"],
  ["https://shop.example/hooks/", ""],
  ["https://shop.example/a%2Fb", "a%2Fb"],
])("the script of %s is %j", (url, script) => {
  expect(scriptOf(url)).toBe(script);
});

const name = fc.oneof(
  fc.constantFrom(
    "pg_a",
    "pg_a1",
    "pg_ab",
    "pg_b",
    "a",
    "A",
    "",
    "__proto__",
    "constructor",
    "ё",
    "я",
    "Ә",
    "\ud83d\ude00",
    "\ud83d",
    "\ude00",
    "\uffff",
  ),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const text = fc.oneof(
  fc.constantFrom("", " ", ";", "Заказ №23", "қаз", "\ud83d", "\u0000", "\ufeff"),
  fc.string({ unit: "binary", maxLength: 90 }),
);
const { fields: anyFields } = fc.letrec<{ readonly fields: readonly Field[]; readonly field: Field }>((tie) => ({
  fields: fc.array(tie("field"), { maxLength: 8 }),
  field: fc.record({ name, value: fc.oneof({ depthSize: "small", withCrossShrink: true }, text, tie("fields")) }),
}));

test("core and simulator sign nested, repeated, empty and foreign fields alike, and the core verifies it", () => {
  fc.assert(
    fc.property(anyFields, text, (fields, key) => {
      const sig = signNested("list", fields, key);
      expect(signFields("list", fields, key)).toBe(sig);
      const others = fields.filter((field) => field.name !== "pg_sig");
      expect(verifyFields("list", [{ name: "pg_sig", value: sig }, ...others], key)).toBe("valid");
    }),
    cases(500),
  );
});

test("a field that is added, removed or given another text never keeps the signature", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ name, value: text }), { minLength: 1, maxLength: 6 }), fc.nat(), text, (all, place, other) => {
      // A text with a separator, or with half of a character, can stand for another: those are known limits of pg_sig.
      const plain = (value: string): string => value.replaceAll(/[;\p{Cs}]/gu, "_");
      const fields = all.filter((field) => field.name !== "pg_sig").map((field) => ({ name: field.name, value: plain(field.value) }));
      const at = fields.length === 0 ? 0 : place % fields.length;
      const before = fields[at]?.value ?? "";
      const sig = { name: "pg_sig", value: signFields("result", fields, KEY) };
      const changedTo = plain(other) === before ? `${before}x` : plain(other);
      const changes = [
        [...fields, { name: "pg_x", value: "" }],
        ...(fields.length === 0 ? [] : [fields.toSpliced(at, 1), fields.with(at, { name: fields[at]?.name ?? "", value: changedTo })]),
      ];
      for (const changed of changes) expect(verifyFields("result", [...changed, sig], KEY)).toBe("invalid");
    }),
    cases(300),
  );
});
