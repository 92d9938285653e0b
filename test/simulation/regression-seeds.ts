/** Seeds of histories that once broke an invariant, as they were played. Every run repeats them, so that a fixed bug does not return. */
import type { PlayedSeed } from "./campaign.ts";

export const REGRESSION_SEEDS: readonly (PlayedSeed & { readonly bug: string })[] = [
  {
    seed: 28,
    apis: "async",
    bug: "a read without the card assigned a payment to an earlier attempt of another card, which the gateway had refused with a 401",
  },
  {
    seed: 11,
    apis: "async",
    bug: "a payment of another card was shown as succeeded, because one read left out the card that earlier reads had named",
  },
  {
    seed: 598,
    apis: "async",
    bug: "an older state was restored: the attempt that moved on to the next order_id kept its X-Request-Id, so the gateway replayed the answer to other bytes",
  },
  {
    seed: 44,
    apis: "async",
    bug: "a read that was repeated with the other gateway key reused the X-Request-Id of the refused one",
  },
  {
    seed: 70,
    apis: "async",
    bug: "an old payment under the order_id was shown as succeeded, because one read left out its date",
  },
  {
    seed: 106,
    apis: "async",
    bug: "the storage refused during the alarm: the due deadline set the alarm into the past, so it fired again and again",
  },
  {
    seed: 545,
    apis: "async",
    bug: "a payment with an unknown status was found after the order had been given up as never seen: the order stayed failed and no attention was raised",
  },
  {
    seed: 3597,
    apis: "async",
    bug: "a payment that an operator resolved for an attempt went to an earlier one, because the read showed that one's amount",
  },
  {
    seed: 2,
    pages: false,
    bug: "refunds were shown twice, because a read of the Merchant API had their sum alone after earlier reads had listed their rows",
  },
  {
    seed: 2,
    pages: false,
    bug: "a refund was shown of a payment of which nothing was cleared, because a read of the Merchant API had it beside an undecided status",
  },
  {
    seed: 2442,
    pages: false,
    bug: "an attempt whose create took money, and was answered with a used order_id, failed as never sent while the reads lagged, and was not read again",
  },
  {
    seed: 3493,
    pages: false,
    bug: "an attempt moved on from a used order_id although a callback had come for it: the reads lagged, the clock leapt, and its payment was lost",
  },
  {
    seed: 4061,
    pages: false,
    bug: "a hold was shown as paid, because a status of the Merchant API did not say whether it was captured",
  },
  {
    seed: 1968,
    bug: "a try on a payment page that the gateway never ended was read every 5 seconds for good, because each read of it was a sign of life",
  },
  {
    seed: 9005,
    bug: "a payment page gave way although a try was under way on an earlier page of the order, so that both could take money",
  },
];
