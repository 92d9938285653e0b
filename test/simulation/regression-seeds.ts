/** Seeds of histories that once broke an invariant; the first eight with v5. Every run repeats them, so that a fixed bug does not return. */
export const REGRESSION_SEEDS: readonly { readonly seed: number; readonly bug: string }[] = [
  {
    seed: 28,
    bug: "a read without the card assigned a payment to an earlier attempt of another card, which the gateway had refused with a 401",
  },
  {
    seed: 11,
    bug: "a payment of another card was shown as succeeded, because one read left out the card that earlier reads had named",
  },
  {
    seed: 598,
    bug: "an older state was restored: the attempt that moved on to the next order_id kept its X-Request-Id, so the gateway replayed the answer to other bytes",
  },
  {
    seed: 44,
    bug: "a read that was repeated with the other gateway key reused the X-Request-Id of the refused one",
  },
  {
    seed: 70,
    bug: "an old payment under the order_id was shown as succeeded, because one read left out its date",
  },
  {
    seed: 106,
    bug: "the storage refused during the alarm: the due deadline set the alarm into the past, so it fired again and again",
  },
  {
    seed: 545,
    bug: "a payment with an unknown status was found after the order had been given up as never seen: the order stayed failed and no attention was raised",
  },
  {
    seed: 3597,
    bug: "a payment that an operator resolved for an attempt went to an earlier one, because the read showed that one's amount",
  },
  {
    seed: 2,
    bug: "refunds were shown twice, because a read of the Merchant API had their sum alone after earlier reads had listed their rows",
  },
  {
    seed: 2,
    bug: "a refund was shown of a payment of which nothing was cleared, because a read of the Merchant API had it beside an undecided status",
  },
  {
    seed: 2442,
    bug: "an attempt whose create took money, and was answered with a used order_id, failed as never sent while the reads lagged, and was not read again",
  },
  {
    seed: 3493,
    bug: "an attempt moved on from a used order_id although a callback had come for it: the reads lagged, the clock leapt, and its payment was lost",
  },
  {
    seed: 4061,
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
