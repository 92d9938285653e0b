import { expect, test } from "vitest";
import type { Outcome } from "../../src/outcome.ts";
import { outcomeOfResponse } from "../../src/outcome.ts";
import type { ActionSpec } from "../../src/payment.ts";
import { ACTIONS } from "../../src/payment.ts";
import { gatewayAnswers } from "./inputs.ts";
import { bytesOf } from "./recipe.ts";

type Line = (typeof gatewayAnswers)[number];

function outcomeOf({ action, status, headers, input }: Line): Promise<Outcome<unknown>> {
  const spec: ActionSpec<unknown> = ACTIONS[action];
  return outcomeOfResponse(spec, new Response(input === null ? null : bytesOf(input), { status, headers }));
}

/** The complete expected outcome. */
function expected({ gets, status: httpStatus }: Line): unknown {
  const [kind, said, more = null] = gets;
  if (kind === "unknown") return { kind, reason: said, httpStatus, retryAfter: more };
  if (kind === "refused") return { kind, httpStatus, code: said, description: null, category: more };
  return { kind, httpStatus, answer: JSON.parse(JSON.stringify(said), (_, value) => numberOf(value)) };
}

/** A number that JSON cannot write. */
function numberOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "number" in value ? Number(value.number) : value;
}

test.each(gatewayAnswers)("the gateway answers $action with $name: $gets", async (line) => {
  expect(await outcomeOf(line)).toEqual(expected(line));
});
