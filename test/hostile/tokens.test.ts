import { expect, test } from "vitest";
import { openChargeToken } from "../../src/charge-token.ts";
import { FreedomPayError } from "../../src/errors.ts";
import { TOKEN_KEY } from "../edge/forged-token.ts";
import { hostileToken } from "./forgery.ts";
import { tokens } from "./inputs.ts";

test.each(tokens.filter(({ gets }) => gets !== null))("a charge token is refused: $name", async ({ input, gets }) => {
  const thrown: unknown = await openChargeToken(await hostileToken(input), { keys: [TOKEN_KEY] }).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(FreedomPayError);
  expect(thrown).toMatchObject({ code: gets });
  expect(String(thrown)).not.toMatch(/4111|test-secret|A book/);
});

test.each(tokens.filter(({ gets }) => gets === null))("a charge token is read: $name", async ({ input }) => {
  expect(await openChargeToken(await hostileToken(input), { keys: [TOKEN_KEY] })).toMatchObject({
    charge: { order_id: "1234", amount: 10 },
  });
});
