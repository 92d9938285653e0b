/** The state on a disk that is full for a while: docs/self-hosting.md. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ChargeView, MerchantChargeAnswer, Problem } from "../../src/edge-api.ts";
import { openGateway } from "./gateway.ts";
import { origin, SETTINGS_TO_SERVE, startCommand, temporaryFolder } from "./served.ts";
import { allowsSmallDisks, onSmallDisk, SmallDisk } from "./small-disk.ts";
import { AMOUNT, SECRETS, tokenFor, until } from "./test-server.ts";

/** Payments that are refused while the disk is full: each in a shard of its own, or nearly. */
const REFUSED = 12;

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: Omit<ChargeView, "status"> & { readonly status: unknown; readonly code?: Problem["code"] };
}

describe.skipIf(!allowsSmallDisks())("a full disk", () => {
  test("refuses payments and lets no call leave; what was under way is found out once there is room, and nobody pays twice", async (context) => {
    const gateway = await openGateway("999999", [SECRETS.FREEDOM_PAY_SECRET_KEY]);
    context.onTestFinished(() => gateway.close());
    const folder = await temporaryFolder(context);
    const disk = join(folder, "disk");
    await mkdir(disk);
    const serve = [process.execPath, "scripts/serve.ts", "--listen", "127.0.0.1:0", "--state", join(disk, "state")] as const;
    const served = startCommand(context, { ...SETTINGS_TO_SERVE, FREEDOM_PAY_URL: gateway.origin }, ...onSmallDisk(disk, 24, serve));
    let edge = await origin(served);
    const small = new SmallDisk(served.child.pid ?? 0, disk);
    const said = `The disk of ${join(disk, "state")}`;
    const linesWith = (text: string): number =>
      served
        .output()
        .split("\n")
        .filter((line) => line.startsWith(`${said} ${text}`)).length;
    const pay = async (order: string, profile = "pays"): Promise<Answer> => {
      const headers = { Authorization: `Bearer ${await tokenFor(order, profile)}`, "Idempotency-Key": `key-${order}`, Prefer: "wait=5" };
      const answer = await fetch(`${edge}/v1/charges`, { method: "POST", headers });
      return { status: answer.status, retryAfter: answer.headers.get("Retry-After"), body: (await answer.json()) as Answer["body"] };
    };
    const chargeOf = async (order: string): Promise<MerchantChargeAnswer> => {
      const headers = { Authorization: `Bearer ${SECRETS.EDGE_API_KEY}` };
      return (await (await fetch(`${edge}/v1/charges/${order}`, { headers })).json()) as MerchantChargeAnswer;
    };

    /** Repeats the key, as a storefront does, until the order is paid. */
    const untilPaid = (order: string): Promise<Answer["body"]> =>
      until(`${order} is paid`, async () => {
        const { body } = await pay(order);
        return body.status === "succeeded" ? body : null;
      });

    await untilPaid("before");
    // The gateway has acted, and its answer arrives while the disk is full.
    const pending = pay("under-way", "late-4");
    await until("the gateway has it", () => gateway.calls("payment.create", "under-way")[0] ?? null);
    small.fill();
    expect(small.free()).toBe(0);
    const refused = Array.from({ length: REFUSED }, (_, index) => `refused-${index}`);
    for (const { status, retryAfter, body } of await Promise.all(refused.map((order) => pay(order))))
      expect({ status, retryAfter, code: body.code }).toEqual({ status: 503, retryAfter: "2", code: "unavailable" });
    expect(gateway.calls("payment.create")).toHaveLength(2);
    await until("the log names the disk", () => (linesWith("is full, 0 KB are free: ") > 0 ? true : null));
    await pending.catch(() => {});

    small.makeRoom();
    // workerd starts again, at another port.
    edge = await origin(served, 2);
    // Nobody asks for it: its alarm is there.
    await until("the payment is found out", () => (/"order_id":"under-way".*"to":"paid"/.test(served.output()) ? true : null));
    expect(await chargeOf("under-way")).toMatchObject({ status: "succeeded", attempt: 1, cleared_amount: AMOUNT });
    for (const order of refused) expect((await untilPaid(order)).attempt).toBe(1);
    for (const order of ["before", "under-way", ...refused])
      expect(gateway.simulator.totalsOf(order), order).toMatchObject({ taken: AMOUNT * 100, payments: 1 });
    expect(gateway.simulator.payments()).toHaveLength(2 + REFUSED);
    expect([linesWith("is full"), linesWith("has room again")]).toEqual([1, 1]);
  });
});
