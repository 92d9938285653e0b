/**
 * Plausible bugs in long-running behaviour and between two deployments: the gateway's real answers, an order's home, its deadlines, refunds
 * that are never settled, callbacks.
 */
import type { Mutation } from "./mutation.ts";

export const SETTINGS_MUTATIONS: readonly Mutation[] = [
  {
    name: "a result for a decided payment is answered `rejected`",
    edits: [{ file: "machine/events/callback", find: '  if (kind === "result") return "ok";\n', replace: "" }],
    seeds: [5],
  },
  {
    name: "a result for a redacted order is answered `rejected`",
    edits: [
      {
        file: "machine/events/callback",
        find: '  if (kind === "result") return "ok";\n',
        replace: '  if (kind === "result" && record?.redactedAt === null) return "ok";\n',
      },
    ],
    seeds: [231],
  },
  {
    name: "an id next to error 1202 counts as a payment id",
    edits: [
      {
        file: "machine/pending-call",
        find: '  return isSameId(answer.id, requestId) || (answer.error !== undefined && categoryOf("read", answer.error.code) === "not_found");',
        replace: '  return answer.id === "" && requestId === "";',
      },
      {
        file: "machine/events/polled",
        find: '  if (error !== undefined && categoryOf("read", error.code) === "not_found") return ABSENT;\n',
        replace: "",
      },
    ],
    seeds: [2],
  },
  {
    name: "a decline without an order_id is ignored",
    edits: [
      {
        file: "machine/payment-reading",
        find: "payment: namesOrder ? answer :",
        replace: "payment: namesOrder || true ? answer :",
      },
    ],
    seeds: [41],
  },
  {
    name: "an order that is away sends and reads",
    edits: [
      {
        file: "machine/transition",
        find: "environment.isAway ? applyAway(context, event) : applyAtHome(context, event)",
        replace: "environment.now < 0 ? applyAway(context, event) : applyAtHome(context, event)",
      },
    ],
    seeds: [30],
  },
  {
    name: "an order that is away has no deadline",
    edits: [
      {
        file: "machine/home-check",
        find: '  return [...retention, { name: "gateway changed", at: record.gatewayChanged?.nextCheckAt ?? 0 }];',
        replace: "  return retention;",
      },
    ],
    seeds: [138],
  },
  {
    name: "an order that is away compares the settings too rarely",
    edits: [{ file: "machine/schedule", find: "HOME_CHECK_INTERVAL: number = HOUR", replace: "HOME_CHECK_INTERVAL: number = DAY" }],
    seeds: [40],
  },
  {
    name: "an order that is away binds keys and begins attempts",
    edits: [
      {
        file: "machine/home-check",
        find: '  return isAnswered ? { ok: false, code: "unavailable" } : null;',
        replace: "  return isAnswered ? { ok: true, began: true, subject: 1 } : null;",
      },
    ],
    seeds: [30],
  },
  {
    name: "an order belongs to the gateway of its newest change",
    edits: [
      {
        file: "storage/shard-store",
        find: 'if (this.#sql.exec("SELECT 1 FROM shard").toArray().length > 0) return;',
        replace: 'this.#sql.exec("DELETE FROM shard");',
      },
    ],
    seeds: [30],
  },
  {
    name: "deadlines are computed only when the record changes",
    edits: [
      {
        file: "machine/runner",
        find: "  } else if (stored !== null) ports.store.storeDueTime(deadlinesOf(record, ports));\n",
        replace: "  }\n",
      },
      {
        file: "storage/order-store",
        find: "if (row !== null) this.#storeDays(row, change(daysOf(row.days)), deadlinesOf(this.#recordOf(row), this.#options));",
        replace:
          "const days = row === null ? [] : change(daysOf(row.days));\n    if (row !== null) this.#shard.write(() => this.#write({ ...row, days: daysText(days) }, row));",
      },
    ],
    seeds: [2],
  },
  {
    name: "deadlines are not computed when the object is opened",
    edits: [
      {
        file: "storage/shard-store",
        find: "row.rules !== deadlineRules(this.#options)",
        replace: "row.rules === null",
      },
    ],
    seeds: [387],
  },
  {
    name: "a refund that is not settled delays the retention",
    edits: [{ file: "machine/redaction", find: 'state !== "paid" && nextPollAt !== null', replace: "nextPollAt !== null" }],
    seeds: [1025],
  },
  {
    name: "a refund that is not settled is read forever",
    edits: [{ file: "machine/schedule", find: "age + DAY <= UNSETTLED_REFUND_ENDS ? now + DAY : null", replace: "now + DAY" }],
    seeds: [1000],
  },
  {
    name: "a refund that is never settled raises no attention",
    edits: [
      {
        file: "machine/deadlines",
        find: 'attempt.state === "paid" ? unsettledRefunds',
        replace: 'attempt.state === "held" ? unsettledRefunds',
      },
    ],
    seeds: [453],
  },
  {
    name: "a callback during a poll is dropped",
    edits: [
      {
        file: "machine/events/hint",
        find: "if (!isFollowed(attempt, openCalls)) attempt.hint",
        replace: "if (!isFollowed(attempt, openCalls) && attempt.pollStartedAt === null) attempt.hint",
      },
    ],
    seeds: [439],
  },
  {
    name: "a callback right after a poll is dropped",
    edits: [
      {
        file: "machine/transition",
        find: "    else attempt.nextPollAt = Math.min(attempt.nextPollAt ?? at, at);\n",
        replace: "    else attempt.hint = null;\n",
      },
    ],
    seeds: [28],
  },
  {
    name: "a callback is not followed any more after an unreadable read",
    edits: [
      {
        file: "machine/events/polled",
        find: "hasLedToPoll === true && (isRead || now - attempt.hint.at > DAY))",
        replace: "hasLedToPoll === true)",
      },
    ],
    seeds: [28],
  },
  {
    name: "a callback to an order that is away is dropped",
    edits: [
      {
        file: "machine/home-check",
        find: '  if (event.type === "hint" && event.ticket !== null) keepHint(context, event.ticket, event.notice);\n',
        replace: "",
      },
    ],
    seeds: [300],
  },
  {
    name: "a callback to an order that is away waits for the next regular poll",
    edits: [
      {
        file: "machine/home-check",
        find: "Math.min(attempt.nextPollAt ?? context.now, context.now)",
        replace: "attempt.nextPollAt ?? context.now",
      },
    ],
    seeds: [1456],
  },
  {
    name: "the number of stored rows is not limited",
    edits: [
      {
        file: "machine/payment-reading",
        find: "rowsWith(context.record, attempt, reading.payment) <= MAX_LEDGER_ROWS",
        replace: "context.record !== null",
      },
    ],
    seeds: [2],
  },
  {
    name: "the length of a stored id is not limited",
    edits: [{ file: "machine/record", find: "\\x7e]{1,64}$/", replace: "\\x7e]+$/" }],
    seeds: [4],
  },
  {
    name: "a call is sent although its commit was refused",
    edits: [
      {
        file: "machine/runner",
        find: "    ports.store.commit({ record, binding, outbox, deadlines: deadlinesOf(record, ports), forget, isViewChanged });\n",
        replace:
          "    try {\n      ports.store.commit({ record, binding, outbox, deadlines: deadlinesOf(record, ports), forget, isViewChanged });\n    } catch {}\n",
      },
    ],
    seeds: [29],
  },
  {
    name: "a row without a status counts as a done refund",
    edits: [
      {
        file: "machine/reconcile",
        find: 'status: old?.status === "success" ? "success" : storedCode(status),',
        replace: 'status: old?.status === "success" || status === undefined ? "success" : storedCode(status),',
      },
    ],
    seeds: [86],
  },
  {
    name: "the alarm is not set again after an alarm",
    edits: [{ file: "shard/due-orders", find: "    this.#arm(now);\n", replace: "" }],
    seeds: [1],
  },
  {
    name: "a commit does not arm the alarm",
    edits: [
      {
        file: "storage/order-store",
        find: "      this.#write({ record: JSON.stringify(record), due, days: daysText(days) }, before);\n    });\n    this.#shard.arm(due);\n",
        replace: "      this.#write({ record: JSON.stringify(record), due, days: daysText(days) }, before);\n    });\n",
      },
    ],
    seeds: [14],
  },
  {
    name: "a lost alarm is not set again when the object is opened",
    edits: [{ file: "shard/alarm-clock", find: "    this.arm(this.#earliest());\n", replace: "" }],
    seeds: [387],
  },
  {
    name: "the due time of an order does not follow its record",
    edits: [
      {
        file: "storage/order-store",
        find: "days = ?, due = ? WHERE slot = ?",
        replace: "days = ?, due = COALESCE(due, ?) WHERE slot = ?",
      },
    ],
    seeds: [1],
  },
];
