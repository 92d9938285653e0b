import { expect, test } from "vitest";
import { verifySignature } from "../../src/signature.ts";
import { hostileSignature, SIGNED, SIGNED_BODY } from "./forgery.ts";
import { signatures } from "./inputs.ts";
import { bytesOf } from "./recipe.ts";

test.each(signatures)("a signature with $name gets $gets", async ({ input, gets }) => {
  const verified = verifySignature(await hostileSignature(input), bytesOf(input.received ?? SIGNED_BODY), SIGNED);
  if (gets === null) await expect(verified).resolves.toBeUndefined();
  else await expect(verified).rejects.toMatchObject({ name: "FreedomPayError", code: gets });
});
