import fc from "fast-check";
import { expect, test } from "vitest";
import { clientAddress } from "../../../edge/http/client-address.ts";
import { isKnown, readIfNoneMatch } from "../../../edge/http/entity-tag.ts";
import { traceId } from "../../../edge/log.ts";
import { READ_WAITS, readWait } from "../../../edge/http/prefer.ts";
import { cases, TIMEOUT } from "./cases.ts";
import { anyText } from "./values.ts";

const parts = fc.array(
  fc.oneof(fc.constantFrom("wait", "=", "25", ";", ",", '"', "W/", "*", "1e9", "-1", "::", "ffff", "%", "."), anyText),
  { maxLength: 12 },
);

test("an optional header with any value is used or ignored", { timeout: TIMEOUT }, () => {
  fc.assert(
    fc.property(parts, (texts) => {
      const header = texts.join("");
      const wait = readWait(header, READ_WAITS);
      expect(Number.isInteger(wait) && wait >= 0 && wait <= 25).toBe(true);
      const tags = readIfNoneMatch(header);
      expect(isKnown('"never-made"', tags)).toBe(tags.includes("*") || header.includes('"never-made"'));
      expect(traceId(header) ?? "0".repeat(32)).toMatch(/^[0-9a-f]{32}$/);
      const request = Object.assign(new Request("https://edge.example"), { cf: { clientIp: header } });
      expect(clientAddress(request, null) ?? "::").toMatch(/^[0-9a-f:.]{2,45}$/i);
    }),
    cases("optional headers"),
  );
});
