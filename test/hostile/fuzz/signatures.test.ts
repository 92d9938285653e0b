import fc from "fast-check";
import { expect, test } from "vitest";
import { FreedomPayError } from "../../../src/errors.ts";
import { createSigner, verifySignature } from "../../../src/signature.ts";
import { SIGNED } from "../forgery.ts";
import { cases, TIMEOUT } from "./cases.ts";
import { changed } from "./values.ts";

test("a signature verifies for its own bytes, and not after any change", { timeout: TIMEOUT }, async () => {
  const signer = await createSigner(SIGNED);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), fc.gen(), async (body, other, generate) => {
      const signature = await signer.sign(SIGNED.uri, body);
      await verifySignature(signature, body, SIGNED);
      const refused = expect.objectContaining({ code: "signature_invalid" });
      if (String(other) !== String(body)) await expect(verifySignature(signature, other, SIGNED)).rejects.toEqual(refused);
      const changedText = generate(changed, signature);
      if (changedText === signature) return;
      const thrown: unknown = await verifySignature(changedText, body, SIGNED).catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(FreedomPayError);
      expect(thrown).toEqual(refused);
    }),
    cases("signatures"),
  );
});
