/**
 * The edge with counters: rows that its objects write, settings of the alarm, and requests of objects. The counters are in the memory of
 * the process, and `GET /bench-counts` shows them.
 */
import { Charge as EdgeCharge, DailyIndex as EdgeDailyIndex, edge } from "../../../edge/worker.ts";
import type { EdgeBindings } from "../../../edge/worker.ts";
import type { Counts } from "../counts.ts";

const MINUTE = 60_000;

const counts: Counts = { rows: {}, alarmsSet: {}, requests: {} };

function add(to: Record<string, number>, name: string, number: number): void {
  if (number > 0) to[name] = (to[name] ?? 0) + number;
}

function tableOf(statement: string): string {
  return /^(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)/.exec(statement)?.[1] ?? "tables";
}

/** Replaces two methods of the storage. Every instance of the platform's classes has them from the same prototype. */
function countStorage({ storage }: DurableObjectState): void {
  const sqlMethods = Object.getPrototypeOf(storage.sql) as SqlStorage & { isCounted?: true };
  if (sqlMethods.isCounted) return;
  const { exec } = sqlMethods;
  Object.assign(sqlMethods, {
    isCounted: true,
    exec(this: SqlStorage, statement: string, ...bindings: unknown[]) {
      const cursor = exec.call(this, statement, ...bindings);
      add(counts.rows, tableOf(statement), cursor.rowsWritten);
      return cursor;
    },
  });
  const storageMethods = Object.getPrototypeOf(storage) as DurableObjectStorage;
  const { setAlarm } = storageMethods;
  Object.assign(storageMethods, {
    setAlarm(this: DurableObjectStorage, ...args: Parameters<typeof setAlarm>) {
      add(counts.alarmsSet, Number(args[0]) - Date.now() <= MINUTE ? "within a minute" : "later", 1);
      return setAlarm.apply(this, args);
    },
  });
}

/** Replaces the methods of a class by counting ones. */
function countRequests(name: string, methods: object): void {
  for (const [method, { value }] of Object.entries(Object.getOwnPropertyDescriptors(methods)))
    if (method !== "constructor" && typeof value === "function")
      Object.assign(methods, {
        [method](this: unknown, ...args: unknown[]): unknown {
          add(counts.requests, `${name}.${method}`, 1);
          return value.apply(this, args);
        },
      });
}

countRequests("Charge", EdgeCharge.prototype);
countRequests("DailyIndex", EdgeDailyIndex.prototype);

/** A shard with counters. */
export class Charge extends EdgeCharge {
  constructor(state: DurableObjectState, env: Readonly<Record<string, unknown>>) {
    countStorage(state);
    super(state, env);
  }
}

/** A day with counters. */
export class DailyIndex extends EdgeDailyIndex {
  constructor(state: DurableObjectState, env: Readonly<Record<string, unknown>>) {
    countStorage(state);
    super(state, env);
  }
}

const worker: { fetch(request: Request, env: EdgeBindings, context: ExecutionContext): Response | Promise<Response> } = {
  fetch: (request, env, context) => (request.url.endsWith("/bench-counts") ? Response.json(counts) : edge.fetch(request, env, context)),
};

// biome-ignore lint/style/noDefaultExport: workerd calls the default export.
export default worker;
