/** The core against the simulated gateway, which verifies every signature with code of its own. */
import { equal, matches, ok } from "./assert.ts";
import type { Case, Subject } from "./case.ts";

const KEY = "test-secret-of-the-gateway";
const MERCHANT = { merchantId: "500000", secretKey: KEY };
const ORDER = { order_id: "1", amount: 100, currency: "KZT", description: "Алма, 5 кг", user_id: "12345", auto_clearing: true } as const;
const IP = "203.0.113.7";

/** Both APIs over one ledger. */
export function simulatorCases({ main, merchant, simulator }: Subject): readonly Case[] {
  const { callGateway, createGateway, createRecurrentPayment, paymentStatus, refund, requestId } = main;
  const start = () => simulator.createSimulator({ merchantId: "500000", secretKeys: [KEY], merchantProfiles: { "60144557": "pays" } });
  return [
    {
      name: "a lost answer is unknown, and the same call again is the same payment",
      run: async () => {
        const { fetch, totalsOf, close } = start();
        const gateway = await createGateway({ url: "https://test-api.freedompay.kz", ...MERCHANT });
        const call = createRecurrentPayment({ ...ORDER, user_ip: IP, profile_id: "card-1.lost-after" }, requestId());
        matches(await callGateway(gateway, call, { fetch }), { kind: "unknown", reason: "network" });
        matches(await callGateway(gateway, call, { fetch }), { kind: "answered" });
        const read = await callGateway(gateway, paymentStatus({ order_id: "1" }, requestId()), { fetch });
        ok(read.kind === "answered" && read.answer.status === "success", `the read is ${JSON.stringify(read)}`);
        const id = read.kind === "answered" ? (read.answer.id ?? "") : "";
        matches(await callGateway(gateway, refund({ id, amount: 40 }, requestId()), { fetch }), { kind: "answered" });
        matches(totalsOf("1"), { taken: 10_000, payments: 1 });
        close();
      },
    },
    {
      name: "a wrong key is refused, and takes nothing",
      run: async () => {
        const { fetch, totalsOf, close } = start();
        const gateway = await createGateway({ url: "https://test-api.freedompay.kz", ...MERCHANT, secretKey: "test-wrong" });
        const call = createRecurrentPayment({ ...ORDER, user_ip: IP, profile_id: "card-1" }, requestId());
        matches(await callGateway(gateway, call, { fetch }), { kind: "refused", code: "1100" });
        equal(totalsOf("1").payments, 0);
        close();
      },
    },
    {
      name: "a profile of the Merchant API is charged and read",
      run: async () => {
        const { fetch, totalsOf, close } = start();
        const gateway = merchant.createMerchantGateway({ url: "https://test-api.freedompay.kz", ...MERCHANT });
        const { user_id: _, ...order } = ORDER;
        const charge = merchant.makeRecurringPayment({ ...order, profile_id: "60144557" }, requestId());
        matches(await merchant.callMerchantGateway(gateway, charge, { fetch }), { kind: "answered" });
        const read = await merchant.callMerchantGateway(gateway, merchant.getStatus({ order_id: "1" }, requestId()), { fetch });
        ok(read.kind === "answered", `the read is ${JSON.stringify(read)}`);
        if (read.kind === "answered") matches(merchant.paymentStateOf(read.answer, { autoClearing: true }), { status: "success" });
        matches(totalsOf("1"), { taken: 10_000, payments: 1 });
        close();
      },
    },
  ];
}
