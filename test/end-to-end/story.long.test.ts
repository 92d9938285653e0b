import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { expect, test } from "vitest";
import { ROOT } from "../../scripts/run.ts";
import type { ChargeView, DayList, MerchantChargeAnswer, MerchantChargeView } from "../../src/edge-api.ts";
import type { ChargeInput, Notification } from "../../src/index.ts";
import { signNotification, toMinorUnits } from "../../src/index.ts";
import { onlyCodeBlock } from "../docs/code-block.ts";
import { until } from "../process/test-server.ts";
import { newest, tellGateway } from "./story/gateway-lines.ts";
import { chaptersIn, withChapters } from "./story/page.ts";
import type { Delivery } from "./story/receiver.ts";
import type { Transcript } from "./story/transcript.ts";
import { createTranscript } from "./story/transcript.ts";
import type { World } from "./story/world.ts";
import { openWorld } from "./story/world.ts";

const PAGE = join(ROOT, "docs/a-merchants-day.md");

const CUSTOMER = {
  currency: "KZT",
  user_id: "12345",
  profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
  card: { brand: "visa", last4: "4242" },
} as const;
const APPLES: ChargeInput = { ...CUSTOMER, order_id: "1234", amount: 4990, description: "Aport apples, 5 kg" };
const JUICE: ChargeInput = { ...CUSTOMER, order_id: "1235", amount: 12_000, description: "Apple juice, 12 bottles", auto_clearing: false };

/** What the merchant's server charges by itself in the evening, and how many at a time. Every twentieth card has no money on it. */
const RENEWALS: readonly ChargeInput[] = Array.from({ length: 50 }, (_, number) => ({
  ...CUSTOMER,
  order_id: `renewal-${number + 1}`,
  amount: (99_000 + number * 1_005) / 100,
  description: "A box of apples a week",
  profile_id: number % 20 === 19 ? "card.decline-10009" : CUSTOMER.profile_id,
}));
const AT_ONCE = 3;

/** A shopper at the page of an order: she looks, she clicks, and the element says how it ended. */
async function pay(world: World, transcript: Transcript, { order_id, amount, currency }: ChargeInput, ends: string): Promise<void> {
  const page = await world.browser.newPage({ locale: "en-GB" });
  const answerOf = async (method: string, path: string): Promise<string> => {
    const url = `${world.edge.origin}${path}`;
    const response = await page.waitForResponse((one) => one.url() === url && one.request().method() === method);
    return path.endsWith(".js")
      ? `${response.status()}, the element`
      : `${response.status()} ${((await response.json()) as ChargeView).status}`;
  };
  const loaded = answerOf("GET", "/v1/freedom-pay-charge.js");
  const looked = answerOf("GET", `/v1/charges/${order_id}`);
  const shown = await page.goto(`${world.storefront}/checkout/${order_id}`);
  const card = `${CUSTOMER.card.brand} •••• ${CUSTOMER.card.last4}`;
  transcript.tell("shopper", "storefront", `GET /checkout/${order_id}`, `${shown?.status()}, a token: ${amount} ${currency}, ${card}`);
  transcript.tell("shopper", "edge", "GET /v1/freedom-pay-charge.js", await loaded);
  transcript.tell("shopper", "edge", `GET /v1/charges/${order_id}`, await looked);
  const since = newest(world.gateway);
  const paid = answerOf("POST", "/v1/charges");
  await page.getByRole("button", { name: /^Pay / }).click();
  transcript.tell("shopper", "edge", "POST /v1/charges: her click", await paid);
  await page.locator(`freedom-pay-charge[status=${ends}]`).waitFor();
  await tellGateway(world.gateway, transcript, since);
  await page.close();
}

/** A delivery that both libraries took for genuine. */
type Genuine = Delivery & { readonly notification: Notification };

function genuineOf({ receiver }: World, orderId: string): readonly Genuine[] {
  return receiver.deliveries.filter((delivery): delivery is Genuine => delivery.notification?.data.order_id === orderId);
}

/** The delivery of an order that is the first, the second, …: waits for it. */
function delivered(world: World, orderId: string, nth: number): Promise<Genuine> {
  return until(`delivery ${nth} of order ${orderId}`, () => genuineOf(world, orderId)[nth - 1] ?? null);
}

function tellDelivery({ tell }: Transcript, { notification, released }: Genuine, when: string, came: string): void {
  const { type, data } = notification;
  tell("edge", "receiver", `${type}, sequence ${data.sequence}${when}`, `verified; ${released ? "goods released; " : ""}${came}`);
}

/** One order, paid; its notification arrives three times, its goods leave once. */
async function firstOrder(world: World, transcript: Transcript): Promise<void> {
  const { receiver, gateway } = world;
  await receiver.instruct({ answers: [null] });
  await pay(world, transcript, APPLES, "succeeded");

  const first = await delivered(world, "1234", 1);
  await receiver.kill();
  tellDelivery(transcript, first, "", "kill -9 before it answers");
  await receiver.start({ answers: [503] });
  tellDelivery(transcript, await delivered(world, "1234", 2), ", 5 s later", "known; 503");

  // The next try by the schedule is in five minutes: the merchant does not wait for it.
  const { status, answer } = await world.ask<MerchantChargeAnswer>("POST", "/v1/charges/1234/notify");
  const [sent] = answer.notifications;
  transcript.tell("server", "edge", "POST /v1/charges/1234/notify", `${status}, ${sent?.ended} after ${sent?.tries} tries`);
  tellDelivery(transcript, await delivered(world, "1234", 3), ", asked for", "known; 204");

  const deliveries = genuineOf(world, "1234");
  expect(deliveries.map(({ notification }) => notification)).toEqual(Array(3).fill(first.notification));
  expect(deliveries.map(({ released, answer }) => [released, answer])).toEqual([
    [true, null],
    [false, 503],
    [false, 204],
  ]);
  expect(answer).toMatchObject({ status: "succeeded", cleared_amount: APPLES.amount, sequence: 1 });
  expect(answer.notifications).toMatchObject([{ type: "charge.succeeded", tries: 3, ended: "delivered", last_status: 204 }]);
  expect(gateway.simulator.totalsOf("1234")).toEqual({ held: 0, taken: APPLES.amount * 100, refunded: 0, payments: 1 });

  // Who does not know the secret releases nothing.
  const data = { ...first.notification.data, order_id: "1236" };
  const body = JSON.stringify({ type: "charge.succeeded", timestamp: new Date().toISOString(), data });
  const headers = await signNotification(body, { id: "msg_forged", secret: world.newSecret("NOTIFY_SECRET") });
  const forged = await fetch(receiver.url, { method: "POST", headers, body });
  transcript.tell("stranger", "receiver", "charge.succeeded, signed with another secret", `refused by both libraries; ${forged.status}`);
  expect(forged.status).toBe(401);
  expect(receiver.shipments()).toEqual(["1234"]);
}

/** An order that is only held; part of it is cleared, and of that twice something refunded. */
async function held(world: World, transcript: Transcript): Promise<void> {
  const { gateway } = world;
  await pay(world, transcript, JUICE, "authorized");
  tellDelivery(transcript, await delivered(world, "1235", 1), "", "204");
  const deeds = [
    ["clearing", 9_000],
    ["refund", 1_500.5],
    ["refund", 749.5],
  ] as const;
  // Nine bottles instead of twelve: that is the price now.
  await world.receiver.instruct({ prices: [{ ...JUICE, amount: 9_000 }] });
  for (const [index, [operation, amount]] of deeds.entries()) {
    const since = newest(gateway);
    const { status, answer } = await world.ask<MerchantChargeAnswer>("POST", `/v1/charges/1235/${operation}`, { amount });
    const sums = `${answer.status}, cleared ${answer.cleared_amount}, refunded ${answer.refunded_amount}`;
    transcript.tell("server", "edge", `POST /v1/charges/1235/${operation} ${JSON.stringify({ amount })}`, `${status} ${sums}`);
    expect([status, answer.operations.at(-1)?.state]).toEqual([200, "done"]);
    await tellGateway(gateway, transcript, since);
    tellDelivery(transcript, await delivered(world, "1235", index + 2), "", "204");
  }
  expect(genuineOf(world, "1235").map(({ notification, released }) => [notification.data.sequence, notification.type, released])).toEqual([
    [1, "charge.authorized", false],
    [2, "charge.cleared", true],
    [3, "charge.refunded", false],
    [4, "charge.refunded", false],
  ]);
  await until("the gateway has refunded", () => (gateway.simulator.totalsOf("1235").refunded === 225_000 ? true : null));
  expect(gateway.simulator.totalsOf("1235")).toEqual({ held: 0, taken: 900_000, refunded: 225_000, payments: 1 });
}

/**
 * Waits for a moment at which nothing is half-way between the edge and the gateway: what is cut off there is found out 25 s later, and
 * test/process/rotation.long.test.ts waits for that. Calls of the merchant's server and notifications may be under way.
 *
 * @param open - orders whose POST is not yet answered
 */
async function betweenCalls({ edge, gateway }: World, open: ReadonlySet<string>): Promise<void> {
  const isAccepted = (order: string): boolean => new RegExp(`"order_id":"${order}","what":"attempt 1",.*"from":"sent"`).test(edge.output());
  const isQuiet = (): boolean => Date.now() - (gateway.simulator.log.entries.at(-1)?.at ?? 0) > 50;
  while (!isQuiet() || ![...open].every(isAccepted)) await new Promise((resolve) => setTimeout(resolve, 5));
}

/**
 * Waits until an order's outcome was delivered; it is asked for, should it not come soon. What was under way when the edge stopped
 * would come by itself 20 s later.
 */
async function outcomeDelivered(world: World, orderId: string): Promise<void> {
  const isOutcome = ({ notification: { data } }: Genuine): boolean => data.status === "succeeded" || data.status === "failed";
  const look = (): true | null => (genuineOf(world, orderId).some(isOutcome) ? true : null);
  await until("it comes", look, 2).catch(() => world.ask("POST", `/v1/charges/${orderId}/notify`));
  await until(`the outcome of ${orderId} is delivered`, look);
}

/** The evening's renewals; while they run, the API key and the notifications' secret are changed by the written procedure. */
async function rotated(world: World, { tell }: Transcript): Promise<void> {
  const waiting = [...RENEWALS];
  const open = new Set<string>();
  const ended: MerchantChargeAnswer[] = [];
  const statuses: number[] = [];
  const renew = async (): Promise<void> => {
    for (let terms = waiting.shift(); terms !== undefined; terms = waiting.shift()) {
      const path = `/v1/charges/${terms.order_id}`;
      open.add(terms.order_id);
      const asked = await world.ask<MerchantChargeAnswer>("POST", "/v1/charges", { ...terms, user_ip: "192.0.2.1" });
      open.delete(terms.order_id);
      statuses.push(asked.status);
      const charge = await until(`${terms.order_id} is decided`, async () => {
        const { status, answer } = await world.ask<MerchantChargeAnswer>("GET", path);
        statuses.push(status);
        return answer.status === "succeeded" || answer.status === "failed" ? answer : null;
      });
      ended.push(charge);
    }
  };
  const workers = Array.from({ length: AT_ONCE }, renew);
  const after = (many: number): Promise<boolean> => until(`${many} renewals`, () => (ended.length >= many ? true : null));
  const deploy = async (settings: Record<string, string>): Promise<void> => {
    await betweenCalls(world, open);
    await world.edge.kill();
    await world.edge.start(settings);
  };

  const old = { ...world.held };
  const renewed = { EDGE_API_KEY: world.newSecret("EDGE_API_KEY"), NOTIFY_SECRET: world.newSecret("NOTIFY_SECRET") };
  await after(15);
  tell("server", "edge", `POST /v1/charges: ${RENEWALS.length} renewals, ${AT_ONCE} at a time`, "under way");
  await deploy({
    EDGE_API_KEY: `${renewed.EDGE_API_KEY} ${old.EDGE_API_KEY}`,
    NOTIFY_SECRET: `${renewed.NOTIFY_SECRET} ${old.NOTIFY_SECRET}`,
  });
  tell("engineer", "edge", "EDGE_API_KEY and NOTIFY_SECRET: new and old", "restarted");
  await after(25);
  await world.receiver.instruct({ secret: renewed.NOTIFY_SECRET });
  tell("engineer", "receiver", "NOTIFY_SECRET: the new one", "verifies with it alone");
  Object.assign(world.held, renewed);
  tell("engineer", "server", "EDGE_API_KEY: the new one", "calls with it alone");
  await after(40);
  await deploy(renewed);
  tell("engineer", "edge", "EDGE_API_KEY and NOTIFY_SECRET: the new ones alone", "restarted");
  await Promise.all(workers);

  expect(statuses.filter((status) => status !== 200 && status !== 201)).toEqual([]);
  const of = (status: string): number => ended.filter((charge) => charge.status === status).length;
  tell("server", "edge", `GET /v1/charges/…: all ${ended.length} are decided`, `${of("succeeded")} succeeded, ${of("failed")} declined`);
  for (const { order_id } of RENEWALS) await outcomeDelivered(world, order_id);
  const released = RENEWALS.filter(({ order_id }) => genuineOf(world, order_id).some((delivery) => delivery.released)).length;
  const what = `${RENEWALS.length} notifications: charge.succeeded, charge.failed`;
  tell("edge", "receiver", what, `verified; goods of ${released} released; 204`);
  expect([of("succeeded"), of("failed"), released]).toEqual([48, 2, 48]);
  expect(world.receiver.deliveries.filter(({ notification }) => notification === null)).toHaveLength(1);

  const refused = await fetch(`${world.edge.origin}/v1/doctor`, { headers: { Authorization: `Bearer ${old.EDGE_API_KEY}` } });
  const { code } = (await refused.json()) as { code: string };
  tell("stranger", "edge", "GET /v1/doctor with the old API key", `${refused.status} ${code}`);
  expect(code).toBe("api_key_invalid");
}

/** The day in Almaty. */
function dayOf(at: number): string {
  return new Date(at).toLocaleDateString("sv-SE", { timeZone: "Asia/Almaty" });
}

interface Reconcile {
  /** Minor units. */
  movedOn(day: string, settings: { readonly edge: string; readonly apiKey: string }): Promise<{ taken: number; refunded: number }>;
}

/** The lists of the days, page by page: every charge once, as it is now. */
async function listed(
  world: World,
  days: ReadonlySet<string>,
): Promise<{ charges: ReadonlyMap<string, MerchantChargeView>; pages: number[] }> {
  const charges = new Map<string, MerchantChargeView>();
  const pages: number[] = [];
  for (const day of days)
    for (let after = ""; ; ) {
      const { status, answer } = await world.ask<DayList>("GET", `/v1/charges?day=${day}${after}`);
      expect(status).toBe(200);
      for (const charge of answer.charges) charges.set(charge.order_id, charge);
      pages.push(answer.charges.length);
      if (answer.next === null) break;
      after = `&after=${answer.next}`;
    }
  return { charges, pages };
}

/** The day's list against the gateway's own ledger, order by order, to the hundredth of a tenge. */
async function reconciled(world: World, { tell }: Transcript, began: number): Promise<void> {
  const { simulator } = world.gateway;
  const orders = [APPLES, JUICE, ...RENEWALS].map(({ order_id }) => order_id);
  const days = new Set([dayOf(began), dayOf(Date.now())]);
  const minor = (amount: number | undefined): number => toMinorUnits(amount) ?? Number.NaN;
  const isSettled = (charge: MerchantChargeView | undefined): boolean => charge?.status === "succeeded" || charge?.status === "failed";
  const { charges, pages } = await until("every order stands on the list", async () => {
    const found = await listed(world, days);
    return orders.every((order) => isSettled(found.charges.get(order))) ? found : null;
  });
  tell("server", "edge", "GET /v1/charges?day=…, page by page", `200, ${charges.size} charges`);
  expect(pages.length).toBeGreaterThan(1);
  expect([...charges.keys()].sort()).toEqual([...orders].sort());
  for (const order of orders) {
    const { taken, refunded, held: stillHeld } = simulator.totalsOf(order);
    const charge = charges.get(order);
    expect([order, minor(charge?.cleared_amount), minor(charge?.refunded_amount)]).toEqual([order, taken, refunded]);
    expect(stillHeld).toBe(0);
  }

  const moved = { taken: 0, refunded: 0 };
  const { movedOn } = (await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(onlyCodeBlock("docs/reconciling.md", "js"))}`
  )) as Reconcile;
  for (const day of days) {
    const { taken, refunded } = await movedOn(day, { edge: world.edge.origin, apiKey: world.held.EDGE_API_KEY });
    moved.taken += taken;
    moved.refunded += refunded;
  }
  const total = (kind: string): number => simulator.ledger().reduce((sum, entry) => sum + (entry.kind === kind ? entry.minor : 0), 0);
  const books = { taken: total("taken"), refunded: total("refunded") };
  const sums = ({ taken, refunded }: typeof moved): string =>
    `taken ${(taken / 100).toFixed(2)}, refunded ${(refunded / 100).toFixed(2)} KZT`;
  tell("edge", "server", "what moved, by that list (docs/reconciling.md)", sums(moved));
  tell("gateway", "server", "what moved, by its own ledger", sums(books));
  expect(moved).toEqual(books);
  const paid = orders.filter((order) => charges.get(order)?.status === "succeeded");
  tell("server", "receiver", "orders that are paid, and shipments", `${paid.length} and ${world.receiver.shipments().length}, the same`);
  expect(world.receiver.shipments()).toEqual(paid.sort());
}

/** The package's command against this edge. */
async function examined(world: World, { tell }: Transcript): Promise<void> {
  const { PATH = "" } = process.env;
  const env = { PATH, EDGE_API_KEY: world.held.EDGE_API_KEY };
  const child = spawn(process.execPath, ["command/freedom-pay-charge.ts", "doctor", world.edge.origin], { cwd: ROOT, env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(output).toMatch(/\nNo problems: \d+ checks\.\n$/);
  tell("engineer", "edge", "npx freedom-pay-charge doctor URL", `No problems; exit code ${code}`);
  expect(code).toBe(0);
}

/** Tells the whole day, once for all tests of this file. */
const transcript = createTranscript();

async function tellTheDay({ onTestFinished, onTestFailed }: TestContext): Promise<void> {
  const began = Date.now();
  const world = await openWorld([APPLES, JUICE]);
  onTestFinished(() => world.close());
  onTestFailed(() => console.log(`${transcript.text()}\n${world.receiver.complaints.join("")}`));
  await world.receiver.instruct({ prices: [APPLES, JUICE, ...RENEWALS] });
  const chapters = [
    ["An order is paid, and told three times", firstOrder],
    ["A hold, cleared in part, refunded twice", held],
    ["New secrets while people pay", rotated],
    ["The day reconciled", (w: World, t: Transcript) => reconciled(w, t, began)],
    ["The doctor", examined],
  ] as const;
  for (const [name, tellChapter] of chapters) {
    transcript.chapter(name);
    await tellChapter(world, transcript);
  }
  // Nobody complained, and no secret was seen anywhere.
  expect(world.receiver.complaints).toEqual([]);
  const output = world.edge.output();
  expect(output).not.toMatch(/"event":"(?:error|attention)"/);
  for (const secret of world.secrets) expect(`${output}${transcript.text()}`).not.toContain(secret);
}

test("a merchant's day: charged, told, released once, held, cleared, refunded, rotated, reconciled, well", async (context) => {
  await tellTheDay(context);
});

test("docs/a-merchants-day.md tells the day as it ran", async () => {
  const page = await readFile(PAGE, "utf8");
  const chapters = transcript.chapters();
  expect(chaptersIn(page)).toEqual([...chapters.keys()]);
  const current = withChapters(page, chapters);
  // When the story has changed: UPDATE_STORY=1 npx vitest run --project end-to-end test/end-to-end/story.long.test.ts
  if (process.env["UPDATE_STORY"] === "1") await writeFile(PAGE, current);
  else expect(page).toBe(current);
});
