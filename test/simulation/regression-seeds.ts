/** Seeds of histories that once broke an invariant. Every run repeats them, so that a fixed bug does not return. */
export const REGRESSION_SEEDS: readonly { readonly seed: number; readonly bug: string }[] = [
  {
    seed: 28,
    bug: "a read that left out the card gave a payment to an earlier attempt of another card, which the gateway had refused with a 401",
  },
  {
    seed: 11,
    bug: "a payment of another card was shown as succeeded, because after several reads that named the card one left it out",
  },
  {
    seed: 598,
    bug: "an older state was put back: the attempt that moved on to the next order_id kept its X-Request-Id, so the gateway replayed the answer to other bytes",
  },
  {
    seed: 44,
    bug: "a read that was tried with the other gateway key left under the X-Request-Id of the one that was refused",
  },
  {
    seed: 70,
    bug: "an old payment under the order's number was shown as succeeded, because one read left its date out",
  },
  {
    seed: 106,
    bug: "the storage refused while the alarm rang: the deadline that was due set it into the past, so it rang again at once, without end",
  },
  {
    seed: 545,
    bug: "a payment with an unknown word was found after the order had been given up as never seen: it stayed failed and nobody was told",
  },
];
