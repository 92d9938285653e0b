/** The Merchant API's signature, XML, paths and addresses. */
import type { Field } from "../../../src/merchant-api/field.ts";
import { equal, ok, refused } from "./assert.ts";
import { joined, textOf, utf8 } from "./bytes.ts";
import type { Case, Subject } from "./case.ts";
import { forEach } from "./case.ts";

/** Fields of texts. */
function fields(...members: readonly (readonly [name: string, value: Field["value"]])[]): readonly Field[] {
  return members.map(([name, value]) => ({ name, value }));
}

/** The published signature of nested fields, then signatures of the same rule. */
const VECTORS: readonly (readonly [name: string, script: string, fields: readonly Field[], key: string, signature: string])[] = [
  [
    "nested fields",
    "script.php",
    fields(
      ["pg_salt", "9imM909TH820jwk387"],
      ["pg_t_param", "value3"],
      ["pg_a_param", "value1"],
      ["pg_z_param", fields(["pg_q_subparam", "subvalue2"], ["pg_m_subparam", "subvalue1"])],
      ["pg_b_param", "value2"],
    ),
    "mypasskey",
    "a8a4d5a9188f24038a14a4d65c387bf7",
  ],
  [
    "a description in Russian",
    "init_payment.php",
    fields(
      ["pg_merchant_id", "123456"],
      ["pg_amount", "25"],
      ["pg_description", "Заказ №23"],
      ["pg_order_id", "23"],
      ["pg_salt", "some_random_string"],
    ),
    "secret_key",
    "7974e1e4f3fdf6c7ea123fe33e7845f5",
  ],
];

const XML = '<?xml version="1.0" encoding="utf-8"?><response><a>1 &amp; &#x41;</a><b><c>д</c><c/></b><!-- x --></response>';

/** Documents that are not read. */
const WRONG_XML: readonly (readonly [name: string, document: Uint8Array])[] = [
  ["a document type", utf8(`<!DOCTYPE response>${XML.slice(XML.indexOf("<response>"))}`)],
  ["an entity of its own", utf8('<!DOCTYPE r [<!ENTITY x "y">]><r>&x;</r>')],
  ["an unknown entity", utf8("<r>&nbsp;</r>")],
  ["a byte that is not UTF-8", joined(utf8("<r><a>"), Uint8Array.of(0xff), utf8("</a></r>"))],
  ["another encoding", utf8(XML.replace("utf-8", "windows-1251"))],
  ["UTF-16", new Uint8Array([0xff, 0xfe, ...[..."<r/>"].flatMap((one) => [one.charCodeAt(0), 0])])],
  ["an instruction", utf8("<r><?php ?><a>1</a></r>")],
  ["an instruction after the root", utf8("<r><a>1</a></r><?x y?>")],
  ["nine levels", utf8(`${"<a>".repeat(9)}1${"</a>".repeat(9)}`)],
  ["ten thousand levels", utf8("<a>".repeat(10_000))],
  ["a reference to no character", utf8("<r><a>&#0;</a></r>")],
  ["half a surrogate by reference", utf8("<r><a>&#xD800;</a></r>")],
  ["text beside elements", utf8("<r>x<a>1</a></r>")],
  ["nothing", new Uint8Array()],
];

/** Addresses of pages that a URL parser reads differently from the eye. */
const WRONG_PAGES: readonly string[] = [
  "http://customer.freedompay.kz/",
  "https://customer.freedompay.kz:8443/",
  "https://customer.freedompay.kz@evil.example/",
  "https://evil.example\\.freedompay.kz/",
  "https://customer.freedompay.kz./",
  "https://customer.frееdompay.kz/",
  "javascript://customer.freedompay.kz/%0aalert(1)",
  "//customer.freedompay.kz/",
  "",
];

/** Signatures, XML and addresses. */
export function merchantSignatureCases({ merchant }: Subject): readonly Case[] {
  const { bindProfile, openProfile, pageAddress, pathOf, readPaths, readXml, scriptOf, signedValues, signFields, verifyFields, writeXml } =
    merchant;
  return [
    ...forEach(
      VECTORS,
      (name) => `the Merchant API's signature of ${name} is made and verified`,
      (_, script, members, key, signature) => {
        equal(signFields(script, members, key), signature);
        const signed = [...members, { name: "pg_sig", value: signature }];
        equal(verifyFields(script, signed, key), "valid");
        equal(verifyFields(script, signed, `${key}x`), "invalid");
        equal(verifyFields(script, [...signed, { name: "pg_sig", value: signature }], key), "invalid");
        equal(verifyFields(script, members, key), "absent");
      },
    ),
    {
      name: "the Merchant API's fields are signed in the order of code units, not of a language",
      run: async () => {
        equal(signedValues(fields(["я", "5"], ["a", "3"], ["_", "2"], ["B", "1"], ["a", "4"], ["\u{1f34e}", "6"], ["\uffff", "7"])), [
          "1",
          "2",
          "3",
          "4",
          "5",
          "6",
          "7",
        ]);
        await refused("input_invalid", () => signFields("a;b", [], "test-secret"));
        equal(scriptOf("https://api.freedompay.kz/v1/a%2Fb.php?x=/y"), "a%2Fb.php");
      },
    },
    {
      name: "the Merchant API's XML is read as its fields, and ours is written so that it is read again",
      run: () => {
        const expected = { root: "response", fields: fields(["a", "1 & A"], ["b", fields(["c", "д"], ["c", ""])]) };
        equal(readXml(utf8(XML), 1000), expected);
        equal(readXml(joined(Uint8Array.of(0xef, 0xbb, 0xbf), utf8(XML)), 1000), expected);
        equal(readXml(utf8(XML), 20), null);
        const text = "<&>\r\n☕ ]]>";
        equal(readXml(utf8(writeXml([["pg_status", text]])), 1000), { root: "response", fields: fields(["pg_status", text]) });
      },
    },
    ...forEach(
      WRONG_XML,
      (name) => `the Merchant API's XML with ${name} is not read`,
      (_, document) => equal(readXml(document, 65_536), null),
    ),
    {
      name: "a browser is only sent to a page of the gateway, by the address as it was parsed",
      run: () => {
        const gateway = "https://api.freedompay.kz";
        equal(pageAddress("https:\\\\CUSTOMER.freedompay.kz/a b\t", gateway), {
          url: "https://customer.freedompay.kz/a%20b",
          host: "customer.freedompay.kz",
          isUsualHost: true,
        });
        for (const address of WRONG_PAGES) equal(pageAddress(address, gateway), null, `the page ${address}`);
      },
    },
    {
      name: "the Merchant API's paths are overridden, and only by a path that no URL parser changes",
      run: async () => {
        const paths = readPaths('{"getStatus":"/x/{merchant_id}/y"}');
        equal(pathOf(paths, "getStatus", "123"), "/x/123/y");
        for (const path of ["/a/../b", "/..", "/%2e%2e", "//evil.example/x", "/a\\b", "/a?b"])
          await refused("input_invalid", () => readPaths(JSON.stringify({ getStatus: path })));
        await refused("input_invalid", () => readPaths('{"__proto__":"/x"}'));
      },
    },
    {
      name: "a profile of the Merchant API is bound to its user by a MAC that every runtime makes alike",
      run: async () => {
        const key = "test-secret-callback-key-0123456789abcdef";
        const bound = await bindProfile("60144557", "клиент-1", [key]);
        equal(bound, "60144557.QaLX9eb05sWv1g_4");
        equal(await openProfile(bound, "клиент-1", ["test-other-key", key]), { profileId: "60144557", isBare: false });
        equal(await openProfile(bound, "клиент-2", [key]), null);
        equal(await openProfile("60144557", "клиент-1", [key]), { profileId: "60144557", isBare: true });
        await refused("input_invalid", () => bindProfile("６０", "клиент-1", [key]));
        await refused("key_invalid", () => bindProfile("1", "клиент-1", []));
      },
    },
    {
      name: "our answer to a notification is signed XML, which nobody stores",
      run: async () => {
        const response = merchant.answerNotification("rejected", { script: "ticket-1", secretKey: "test-secret", salt: "salt" });
        equal([response.status, response.headers.get("cache-control")], [200, "no-store"]);
        const read = readXml(new Uint8Array(await response.arrayBuffer()), 1000);
        equal(verifyFields("ticket-1", read?.fields ?? [], "test-secret"), "valid");
        const other = await merchant.answerNotification("ok", { script: "ticket-1", secretKey: "test-secret" }).arrayBuffer();
        ok(/<pg_salt>[0-9a-f]{32}<\/pg_salt>/.test(textOf(other)), "its salt is not random");
      },
    },
  ];
}
