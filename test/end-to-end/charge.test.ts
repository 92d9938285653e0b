import type { Browser } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Demo } from "../../demo/demo.ts";
import { startDemo } from "../../demo/demo.ts";
import { isDeployed, startDeployedEdge } from "../deploy/deployed-edge.ts";
import { launchChromium, openStorefront } from "./storefront-page.ts";

let stage: Demo;
let browser: Browser;

beforeAll(async () => {
  [stage, browser] = await Promise.all([startDemo(isDeployed ? { startEdge: startDeployedEdge } : {}), launchChromium()]);
});

afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

/** The creates that the gateway heard of an order, answered or not. */
function creates(orderId: string): readonly { readonly body: string; readonly requestId: string }[] {
  return stage.gateway.simulator.log.entries
    .filter(({ what, headers }) => what === "request" && headers["x-action"] === "gateway.payment.create")
    .map(({ body, headers }) => ({ body, requestId: headers["x-request-id"] ?? "" }))
    .filter(({ body }) => body.includes(`"order_id":"${orderId}"`) || body.includes(`"order_id":"${orderId}--`));
}

/** Money that the gateway took for an order, in tenge, one entry a payment. */
function taken(orderId: string): readonly number[] {
  return stage.gateway.simulator
    .ledger()
    .filter((entry) => entry.kind === "taken" && (entry.orderId === orderId || entry.orderId.startsWith(`${orderId}--`)))
    .map(({ minor }) => minor / 100);
}

async function asMerchant(path: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`${stage.edge.origin}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      Authorization: `Bearer ${stage.keys.edgeApi}`,
      ...(body === undefined ? {} : { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
}

describe("a stored card, from the element to the gateway and back", () => {
  test("is charged once, and the order page says so", async () => {
    const shopper = await openStorefront(browser, stage.address);
    await shopper.pay();
    await shopper.reads("Payment successful");
    expect(taken(shopper.orderId)).toEqual([4990]);
    expect(creates(shopper.orderId)).toHaveLength(1);

    await shopper.page.getByRole("link", { name: "See the order" }).click();
    await shopper.page.getByRole("heading", { name: `Order no. ${shopper.orderId}` }).waitFor();
    await shopper.page.getByRole("status").getByText("Paid", { exact: true }).waitFor();
    expect(await shopper.page.getByRole("definition").allTextContents()).toEqual(expect.arrayContaining(["Aport apples, 5 kg", "₸4,990"]));
    expect(shopper.complaints).toEqual([]);
    expect([...shopper.origins].sort()).toEqual([stage.address, stage.edge.origin].sort());
  });

  test("that is declined takes nothing, and another card pays the same order", async () => {
    const shopper = await openStorefront(browser, stage.address);
    await shopper.pick("Insufficient funds");
    await shopper.pay();
    await shopper.reads("Insufficient funds");
    expect(taken(shopper.orderId)).toEqual([]);

    // The edge lets the next attempt begin two seconds after the last one failed.
    await shopper.page.waitForTimeout(2_000);
    await shopper.pick("Pays at once");
    await shopper.pay();
    await shopper.reads("Payment successful");
    expect(taken(shopper.orderId)).toEqual([4990]);
    expect(creates(shopper.orderId).map(({ body }) => (JSON.parse(body) as { order_id: string }).order_id)).toEqual([
      shopper.orderId,
      `${shopper.orderId}--2`,
    ]);
  });

  test("whose answer is lost ends paid, exactly once", async () => {
    const shopper = await openStorefront(browser, stage.address);
    await shopper.pick("The answer gets lost");
    await shopper.pay();
    await shopper.reads("We are checking with the bank");
    expect(await shopper.page.locator("#live-state").textContent()).toBe("We are checking with the bank. Do not pay again");
    await shopper.reads("Payment successful");
    expect(taken(shopper.orderId)).toEqual([4990]);
    expect(new Set(creates(shopper.orderId).map(({ requestId }) => requestId)).size).toBe(1);
    const charge = await asMerchant(`/v1/charges/${shopper.orderId}`);
    expect(charge).toMatchObject({ status: "succeeded", attempt: 1, cleared_amount: 4990 });
  });

  test("that no callback ever speaks of is found paid by asking", async () => {
    const shopper = await openStorefront(browser, stage.address);
    await shopper.pick("No callback ever comes");
    await shopper.pay();
    await shopper.reads("Payment successful");
    expect(taken(shopper.orderId)).toEqual([4990]);
    const told = stage.gateway.simulator.log.entries.filter(
      ({ what, title }) => what === "callback" && title === `result callback for ${shopper.orderId}`,
    );
    expect(told).toEqual([]);
  });
});

/** The example of the official page "create payment recurrent", in its member order; its urls are the merchant's. */
const OFFICIAL =
  '{"amount":10,"currency":"KZT","description":"description","order_id":"1234","user_id":"12345","auto_clearing":false,' +
  '"from":{"type":"recurrent","recurrent":{"profile_id":"0190fddd-bea7-7f17-b777-10344d5cc816"}},' +
  '"device":{"user_ip":"84.252.158.239"},' +
  '"urls":{"check_url":"https://shop.example/check","result_url":"https://shop.example/result"}}';

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

/** RFC 7515 by hand: nothing here is shared with the package. */
async function signatureHolds(signature: string, body: string, secretKey: string): Promise<boolean> {
  const [header = "", payload, mac = ""] = signature.split(".");
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", encoder.encode(secretKey), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const input = encoder.encode(`${header}.${base64url(encoder.encode(body))}`);
  return payload === "" && crypto.subtle.verify("HMAC", key, Buffer.from(mac, "base64url"), input);
}

describe("the request that the gateway receives", () => {
  test("is the official recurrent example to the byte, but for the callbacks' addresses", async () => {
    const {
      urls: _urls,
      from,
      device,
      ...terms
    } = JSON.parse(OFFICIAL) as {
      urls: unknown;
      from: { recurrent: { profile_id: string } };
      device: { user_ip: string };
    };
    const charge = await asMerchant("/v1/charges", { ...terms, profile_id: from.recurrent.profile_id, user_ip: device.user_ip });
    expect(charge["order_id"]).toBe("1234");

    const sent = creates("1234");
    expect(sent).toHaveLength(1);
    const edge = stage.edge.origin.replaceAll(".", "\\.");
    const ownUrls = (sent[0]?.body ?? "")
      .replace(new RegExp(`"${edge}/v1/callbacks/check/1234\\.[\\w.-]+"`), '"https://shop.example/check"')
      .replace(new RegExp(`"${edge}/v1/callbacks/result/1234\\.[\\w.-]+"`), '"https://shop.example/result"');
    expect(ownUrls).toBe(OFFICIAL);
  });

  test("carries the five official headers, and a signature that holds for exactly its bytes", async () => {
    const request = stage.gateway.simulator.log.entries.find(({ body }) => body.includes('"order_id":"1234"'));
    const { headers = {}, body = "" } = request ?? {};
    expect(headers).toMatchObject({
      "content-type": expect.stringMatching(/^application\/json/),
      accept: "application/json",
      "x-action": "gateway.payment.create",
      "x-request-id": expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    });
    const signature = headers["x-jws-signature"] ?? "";
    expect(JSON.parse(Buffer.from(signature.split(".")[0] ?? "", "base64url").toString())).toEqual({
      uri: "/v5/g2g/create",
      auth_id: "500000",
      method: "POST",
      params: "",
      alg: "HS256",
    });
    expect(await signatureHolds(signature, body, stage.keys.gateway)).toBe(true);
    expect(await signatureHolds(signature, `${body} `, stage.keys.gateway)).toBe(false);
    expect(await signatureHolds(signature, body, `${stage.keys.gateway}x`)).toBe(false);
  });
});
