/** A gateway that answers as it is told, and signs with its own signature. */
import type { Field } from "../../../src/merchant-api/field.ts";
import { createMerchantGateway } from "../../../src/merchant-api/client.ts";
import { signNested } from "../../../src/simulator/pg-signature.ts";

export const KEY = "test-secret-of-the-merchant";

export const GATEWAY = createMerchantGateway({ url: "https://test-api.freedompay.kz", merchantId: "123456", secretKey: KEY });

export const ID = "0190fddd-bea7-7f17-b777-10344d5cc816";

/** Members as fields: nested objects are nested fields, arrays repeated ones. */
export function fieldsOf(members: Readonly<Record<string, unknown>>): readonly Field[] {
  return Object.entries(members).flatMap(([name, value]): readonly Field[] => {
    const all: readonly unknown[] = Array.isArray(value) ? value : [value];
    return all.map((one) => ({ name, value: typeof one === "string" ? one : fieldsOf(one as Readonly<Record<string, unknown>>) }));
  });
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Fields as XML, without a root. */
export function elements(fields: readonly Field[]): string {
  return fields.map(({ name, value }) => `<${name}>${typeof value === "string" ? escaped(value) : elements(value)}</${name}>`).join("");
}

/** The XML of an answer. */
export function xml(fields: readonly Field[], root = "response"): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n<${root}>${elements(fields)}</${root}>`;
}

/** Fields with their signature. */
export function signed(members: Readonly<Record<string, unknown>>, script: string, key = KEY): readonly Field[] {
  const fields = fieldsOf({ ...members, pg_salt: "gatewaysalt" });
  return [...fields, { name: "pg_sig", value: signNested(script, fields, key) }];
}

/** A signed answer. */
export function answer(members: Readonly<Record<string, unknown>>, script: string, key = KEY): string {
  return xml(signed(members, script, key));
}
