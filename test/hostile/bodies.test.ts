import { expect, test } from "vitest";
import { readBody } from "../../edge/http/body.ts";
import { readAmount, readMerchantCharge, readNothing, readResolution } from "../../edge/http/merchant-body.ts";
import { CHARGE } from "../edge/forged-token.ts";
import { bodies } from "./inputs.ts";
import { bodyOf } from "./request.ts";

const READERS = {
  charges: readMerchantCharge,
  clearing: readAmount,
  refund: readAmount,
  reverse: readNothing,
  close: readNothing,
  resolve: readResolution,
} as const;

async function read(line: (typeof bodies)[number]): Promise<unknown> {
  const request = new Request("https://edge.example/v1/charges", { method: "POST", body: bodyOf(line) });
  return READERS[line.to](await readBody(request));
}

// Bodies with a wrong length or in pieces are for the Worker: refused.workerd.test.ts.
const WHOLE = bodies.filter(({ pieces }) => pieces === undefined);

test.each(WHOLE.filter(({ gets }) => gets !== null))("a body for $to is refused: $name", async (line) => {
  await expect(read(line)).rejects.toMatchObject({ name: "Refused", code: line.gets });
});

test.each(WHOLE.filter(({ gets }) => gets === null))("a body for $to is read: $name", async (line) => {
  const { order_id, amount, currency } = CHARGE;
  expect(await read(line)).toMatchObject({ charge: { order_id, amount, currency }, userIp: "84.252.158.239" });
});
