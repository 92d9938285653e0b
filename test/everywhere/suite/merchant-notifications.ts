/** Notifications of the Merchant API: forms, queries and XML as URLSearchParams, FormData and TextDecoder of the runtime read them. */
import type { Field } from "../../../src/merchant-api/field.ts";
import { equal, matches, ok } from "./assert.ts";
import { joined, utf8 } from "./bytes.ts";
import type { Case, Subject } from "./case.ts";
import { forEach } from "./case.ts";

const KEY = "test-secret-of-the-merchant";
const ADDRESS = "https://edge.example/v1/callbacks/ticket-1";
const FORM = "application/x-www-form-urlencoded";

const RESULT: readonly (readonly [name: string, text: string])[] = [
  ["pg_order_id", "1234"],
  ["pg_payment_id", "902"],
  ["pg_amount", "20.50"],
  ["pg_currency", "KZT"],
  ["pg_result", "1"],
  ["pg_description", "Алма & <ещё> +100% ☕ \u{1f34e} a=b;c"],
  ["own", " untrimmed\t"],
  ["empty", ""],
];

/** Forms that decoders read differently. None of them may count as the signed one. */
const BROKEN: readonly (readonly [name: string, change: (form: string) => string | Uint8Array<ArrayBuffer>])[] = [
  ["a percent sign that encodes nothing", (form) => form.replace("%2B100", "%zz100")],
  ["half of a letter", (form) => form.replace("%D0%90", "%D0")],
  ["an overlong letter", (form) => form.replace("1234", "%C0%B1234")],
  ["half a surrogate", (form) => form.replace("%F0%9F%8D%8E", "%ED%A0%BC")],
  ["a byte outside ASCII that is not UTF-8", (form) => joined(utf8(form), Uint8Array.of(0xff))],
  ["a field twice", (form) => `${form}&pg_result=0`],
  ["no signature", (form) => form.replace(/&pg_sig=.*$/, "")],
  ["a field more", (form) => `${form}&x=`],
];

/** Reading and verifying. */
export function merchantNotificationCases({ merchant, simulator }: Subject): readonly Case[] {
  const { readNotification, signFields, writeXml } = merchant;
  const members: readonly (readonly [name: string, text: string])[] = [
    ...RESULT,
    [
      "pg_sig",
      signFields(
        "ticket-1",
        RESULT.map(([name, value]): Field => ({ name, value })),
        KEY,
      ),
    ],
  ];
  const form = new URLSearchParams(members.map(([name, text]) => [name, text])).toString();
  const xml = writeXml(members).replaceAll("response>", "request>");
  const post = (body: BodyInit, type = FORM): Request => new Request(ADDRESS, { method: "POST", body, headers: { "content-type": type } });
  const read = (request: Request, kind: "check" | "result" = "result"): ReturnType<typeof readNotification> =>
    readNotification(request, { kind, secretKeys: ["test-other", KEY] });
  const multipart = (): FormData => {
    const data = new FormData();
    for (const [name, text] of members) data.append(name, text);
    return data;
  };
  const formats: readonly (readonly [name: string, make: () => Request])[] = [
    ["a form", () => post(form)],
    ["a form with spaces as %20", () => post(form.replaceAll("+", "%20"))],
    ["a form without its type", () => post(form, "text/plain")],
    ["URLSearchParams", () => post(new URLSearchParams(form))],
    ["a query", () => new Request(`${ADDRESS}?${form}`)],
    ["XML in pg_xml", () => post(new URLSearchParams({ pg_xml: xml }))],
    ["XML in a body", () => post(`\r\n${xml}`, "text/xml")],
    ["XML in a body after a byte order mark", () => post(`\ufeff${xml}`, "text/xml")],
  ];
  return [
    ...forEach(
      formats,
      (name) => `a notification of the Merchant API is verified from ${name}`,
      async (name, make) => {
        const notification = await read(make());
        ok(notification.kind === "verified", `it is ${JSON.stringify(notification)}`);
        matches(notification, { isHintOnly: name === "a query", keyIndex: 1 });
        if (notification.kind === "verified")
          matches(notification.notice, { kind: "result", orderId: "1234", amount: 2050, result: "paid" });
      },
    ),
    ...forEach(
      BROKEN,
      (name) => `a notification of the Merchant API with ${name} is not verified`,
      async (_, change) => equal((await read(post(change(form)))).kind, "unverified"),
    ),
    {
      name: "multipart, other methods and a result as a check are not verified, and none of them throws",
      run: async () => {
        equal((await read(new Request(ADDRESS, { method: "POST", body: multipart() }))).kind, "unverified");
        equal(await read(new Request(ADDRESS, { method: "PUT", body: form })), { kind: "unverified", why: "unreadable", keyIndex: null });
        equal(await read(new Request(ADDRESS)), { kind: "unverified", why: "unreadable", keyIndex: null });
        const bytes = joined(utf8(`${form}&x=`), Uint8Array.of(0xff));
        equal(await read(post(bytes)), { kind: "unverified", why: "unreadable", keyIndex: null });
        equal(await read(new Request(ADDRESS, { method: "POST" })), { kind: "unverified", why: "unreadable", keyIndex: null });
        equal(await read(post(form), "check"), { kind: "unverified", why: "content", keyIndex: 1 });
        equal((await read(post(`${form}&${"x=&".repeat(600)}`))).kind, "unverified");
        equal((await read(post(`${form}&x=${"x".repeat(200_000)}`))).kind, "unverified");
      },
    },
    {
      name: "the simulated gateway signs a notification as this runtime verifies it",
      run: async () => {
        const signed = { ...Object.fromEntries(RESULT), pg_salt: "salt" };
        const signature = simulator.signFields(ADDRESS, signed, KEY);
        const text = new URLSearchParams({ ...signed, pg_sig: signature });
        equal((await read(post(text))).kind, "verified");
      },
    },
  ];
}
