import fc from "fast-check";
import { expect, test } from "vitest";
import { makeTicket, openTicket, ticketName } from "../../../edge/http/ticket.ts";
import { isOrderId } from "../../../src/lib/members.ts";
import { CALLBACK_KEY } from "../forgery.ts";
import { cases, TIMEOUT } from "./cases.ts";
import { anyText, changed } from "./values.ts";

const OLD_KEY = "test-secret-old-callback-key-0123456789abcdef";

test("a ticket opens unchanged with the new or the old key, and otherwise not", { timeout: TIMEOUT }, async () => {
  const orderId = fc.stringMatching(/^[A-Za-z0-9_-]{1,40}$/).filter(isOrderId);
  const made = fc.tuple(orderId, fc.boolean());
  await fc.assert(
    fc.asyncProperty(made, fc.gen(), anyText, async ([order, isOld], generate, other) => {
      const name = ticketName(order);
      const ticket = await makeTicket("result", name, [isOld ? OLD_KEY : CALLBACK_KEY]);
      expect(await openTicket("result", ticket, [CALLBACK_KEY, OLD_KEY])).toEqual({ orderId: order, name });
      expect(await openTicket("result", ticket, ["test-secret-of-somebody-else-0123456789abcdef"])).toBeNull();
      expect(await openTicket("check", ticket, [CALLBACK_KEY, OLD_KEY])).toBeNull();
      expect(await openTicket("result", other, [CALLBACK_KEY])).toBeNull();
      const changedText = generate(changed, ticket);
      if (changedText !== ticket) expect(await openTicket("result", changedText, [CALLBACK_KEY, OLD_KEY])).toBeNull();
    }),
    cases("tickets"),
  );
});
