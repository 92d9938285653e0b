/** Plausible bugs in the rules of payment pages, P2 and P4 to P9. */
import type { Mutation } from "./mutation.ts";

export const PAGE_MUTATIONS: readonly Mutation[] = [
  {
    name: "a page is joined under other terms: saving the card is none",
    edits: [
      {
        file: "machine/record",
        find: "user_id, { payment_page: { save_card_months } }, auto_clearing",
        replace: "user_id, { payment_page: {} }, auto_clearing",
      },
    ],
    seeds: [1],
  },
  {
    name: "a page gives way without a read",
    edits: [
      {
        file: "machine/events/pay",
        find: "  if (askedAt !== null) return page.quietAt",
        replace: '  if (mayLetGo(current, now)) return "gives";\n  if (askedAt !== null) return page.quietAt',
      },
    ],
    seeds: [10],
  },
  {
    name: "a page gives way within 15 minutes of a check that was ok",
    edits: [{ file: "machine/page", find: "now - page.check.at < CHECK_HOLDS;", replace: "now - page.check.at < 0;" }],
    seeds: [2],
  },
  {
    name: "a check is ok for a page that gave way",
    edits: [
      {
        file: "machine/events/callback",
        find: '  if (record === null || attempt?.state !== "undecided"',
        replace: '  if (attempt?.failure?.by === "replaced") return "ok";\n  if (record === null || attempt?.state !== "undecided"',
      },
    ],
    seeds: [8],
  },
  {
    name: "a check of a page is ok although the order is closed",
    edits: [{ file: "machine/events/callback", find: "if (record.closedAt !== null || currentAttempt", replace: "if (currentAttempt" }],
    seeds: [173],
  },
  {
    name: "a check of a page is ok beside another undecided attempt",
    edits: [
      {
        file: "machine/events/callback",
        find: " !== attempt || !isAlone || isPaidBefore) return false;",
        replace: " === null) return false;",
      },
    ],
    seeds: [1088],
  },
  {
    name: "a check of another try is ok although a result said that one is paid",
    edits: [
      {
        file: "machine/events/callback",
        find: "return saidPaidId === null || isSameId",
        replace: "return saidPaidId !== undefined || isSameId",
      },
    ],
    seeds: [908],
  },
  {
    name: "a result of a page is rejected once its address is gone",
    edits: [
      {
        file: "machine/events/callback",
        find: 'if (kind === "result") return "ok";',
        replace:
          'if (kind === "result") return record?.attempts.find((one) => one.ticket === ticket)?.page?.url === null ? "rejected" : "ok";',
      },
    ],
    seeds: [1],
  },
  {
    name: "a notification whose signature does not verify names a profile",
    edits: [
      {
        file: "../src/merchant-api/notification",
        find: 'verifyFields(script, fields, key) === "valid"',
        replace: 'verifyFields(script, fields, key) !== "absent"',
      },
    ],
    seeds: [244],
  },
  {
    name: "the result of a declined try names a profile",
    edits: [{ file: "http/callback/verified", find: 'if (result !== "paid" || profileId === null', replace: "if (profileId === null" }],
    seeds: [944],
  },
  {
    name: "the profile of another payment is taken",
    edits: [
      {
        file: "machine/profile",
        find: "page.offers.find((one) => isSameId(one.paymentId, attempt.paymentId) && isSameCard(one, page));",
        replace: "page.offers.find((one) => isSameCard(one, page));",
      },
    ],
    seeds: [639],
  },
  {
    name: "a profile is kept although nobody asked to save the card",
    edits: [
      { file: "machine/profile", find: "  if (attempt.terms.save_card_months === null) return;\n", replace: "" },
      {
        file: "machine/profile",
        find: "page.profile !== null || terms.save_card_months === null) return;",
        replace: "page.profile !== null) return;",
      },
    ],
    seeds: [45],
  },
  {
    name: "the host of a page's address is not checked",
    edits: [
      {
        file: "../src/merchant-api/page-address",
        find: "  if (domain === undefined) return null;\n",
        replace: "  if (domain === undefined) return { url: url.href, host: url.hostname, isUsualHost: true };\n",
      },
    ],
    seeds: [92],
  },
  {
    name: "a callback for a page is not followed",
    edits: [
      {
        file: "machine/events/hint",
        find: "if (!isFollowed(attempt, openCalls)) attempt.hint",
        replace: "if (!isFollowed(attempt, openCalls) && attempt.page === null) attempt.hint",
      },
    ],
    seeds: [2],
  },
  {
    name: "a return from a page is not followed",
    edits: [{ file: "machine/events/returned", find: "  attempt.hint = { at: now, hasLedToPoll: false };\n", replace: "" }],
    seeds: [5],
  },
  {
    name: "a page ends while a try is under way",
    edits: [
      {
        file: "machine/events/page-polled",
        find: 'readings.every(({ says }) => says === "unpaid" || says === "absent")',
        replace: 'readings.every(({ says }) => says !== "unreadable")',
      },
    ],
    seeds: [5],
  },
  {
    name: "a page ends too early",
    edits: [{ file: "machine/page", find: "+ PAGE_ENDS_AFTER &&", replace: "+ PAGE_ENDS_AFTER / 2 &&" }],
    seeds: [2],
  },
  {
    name: "a try is not read by its id",
    edits: [
      { file: "machine/poll-read", find: "filter((id) => id !== (paymentId ?? shownTryId));", replace: 'filter((id) => id === "");' },
    ],
    seeds: [53],
  },
  {
    name: "the attempt after a page takes its number again",
    edits: [
      {
        file: "machine/attempt",
        find: '(failure.by === "payment" || UNUSED_PAGE.has(failure.by))',
        replace: 'failure.by === "payment"',
      },
    ],
    seeds: [1],
  },
  {
    name: "a page is shown right after a return",
    edits: [{ file: "machine/page", find: "page.hiddenAt !== null || page.hasGivenWay", replace: "page.hasGivenWay" }],
    seeds: [2],
  },
  {
    name: "a page is shown when its time is over",
    edits: [{ file: "machine/transition", find: "  closeExpiredPages(record, now);\n", replace: "" }],
    seeds: [1],
  },
  {
    name: "a browser that returns as failed gets the code",
    edits: [
      {
        file: "shard/shard",
        find: 'code: by === "paid" && !page.isCodeGiven ? page.returnCode : null',
        replace: "code: page.isCodeGiven ? null : page.returnCode",
      },
    ],
    seeds: [8],
  },
  {
    name: "every browser that returns as paid gets the code",
    edits: [{ file: "machine/events/returned", find: "page.isCodeGiven = true;", replace: "page.isCodeGiven = false;" }],
    seeds: [53],
  },
  {
    name: "a second payment on a page is not told",
    edits: [
      {
        file: "machine/events/page-polled",
        find: '    if (says === "taken") raiseSecondPayment',
        replace: '    if (says === "never") raiseSecondPayment',
      },
    ],
    seeds: [53],
  },
];
