import { expect, test } from "vitest";
import { readIdempotencyKey } from "../../edge/http/idempotency-key.ts";
import { idempotencyKeys } from "./inputs.ts";
import { textOf } from "./recipe.ts";

test.each(idempotencyKeys)("an Idempotency-Key of $name gets $gets", ({ input, gets, key }) => {
  const header = input === null ? null : textOf(input);
  if (gets === null) expect(readIdempotencyKey(header)).toBe(textOf(key ?? []));
  else expect(() => readIdempotencyKey(header)).toThrow(expect.objectContaining({ name: "Refused", code: gets }));
});
