import { log } from "../log.ts";
import type { OpenPayments } from "./open-payments.ts";
import { Refused } from "../http/problem.ts";

/** Seconds after which a refused caller may pay, and up to twice as long: they do not all come back at once. */
const PAY_AGAIN = 5;

/**
 * Refuses a payment while too many are under way (M2.15). To be called before anything else, because a refusal has to cost little while
 * there is too much to do.
 *
 * @throws Refused unavailable
 */
export function refuseIfOverloaded(payments: OpenPayments, now: number): void {
  if (!payments.isFull(now)) return;
  if (payments.isToBeLogged(now)) log({ event: "attention", reason: "overloaded" });
  throw new Refused("unavailable", { retryAfter: PAY_AGAIN * (1 + Math.random()), detail: "Too many payments are under way" });
}
