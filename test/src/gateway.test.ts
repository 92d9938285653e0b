import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Gateway } from "../../src/gateway.ts";
import { buildRequest, CALL_TIMEOUT, callGateway, createGateway, GATEWAY_HOSTS, isGatewayUrl, send } from "../../src/gateway.ts";
import { otherCall, paymentStatus, reverse } from "../../src/payment.ts";
import { verifySignature } from "../../src/signature.ts";

const ID = "0190fddd-bea7-7f17-b777-10344d5cc816";
const SECRET = "test-secret-of-the-merchant";
const OPTIONS = { url: "https://test-api.freedompay.kz", merchantId: "123456", secretKey: SECRET };
const CALL = paymentStatus({ order_id: "заказ-1234" }, ID);

let gateway: Gateway;

beforeAll(async () => {
  gateway = await createGateway(OPTIONS);
});

/** A fetch that records its requests and returns this response. */
function answering(answer: (request: Request) => Response | Promise<Response>): {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly requests: Request[];
} {
  const requests: Request[] = [];
  return {
    requests,
    fetch: async (request): Promise<Response> => {
      requests.push(request);
      return answer(request);
    },
  };
}

/** A fetch that never answers and ignores signals. */
const never = (): Promise<Response> => new Promise(() => undefined);

describe("isGatewayUrl", () => {
  test.each([
    "https://api.freedompay.kz",
    "https://test-api.freedompay.kz",
    "https://api.freedompay.kg",
    "https://test-api.freedompay.kg",
    "https://api.freedompay.uz",
    "https://api.freedompay.kz/",
    "https://API.freedompay.kz",
    "https://api.freedompay.kz:443",
    "http://localhost:8080",
    "http://127.0.0.1:1",
    "http://127.9.9.9",
    "http://[::1]:8080",
  ])("accepts %s", (url) => {
    expect(isGatewayUrl(url)).toBe(true);
  });

  test.each([
    "",
    "api.freedompay.kz",
    "http://api.freedompay.kz",
    "https://api.freedompay.kz:8443",
    "https://api.freedompay.kz/v5",
    "https://api.freedompay.kz?x",
    "https://api.freedompay.kz/?",
    "https://api.freedompay.kz/#",
    "https://user@api.freedompay.kz",
    "https://user:pass@api.freedompay.kz",
    "https://api.freedompay.kz.shop.example",
    "https://evil-api.freedompay.kz",
    "https://freedompay.kz",
    "https://test-api.freedompay.uz",
    "https://api.freedompay.kz@shop.example",
    "https://localhost:8080",
    "https://127.0.0.1",
    "http://localhost.shop.example",
    "http://127.0.0.1.shop.example",
    "http://10.0.0.1",
    "http://0.0.0.0",
    "http://[::2]",
    "ftp://localhost",
    "file:///etc/passwd",
    "javascript:alert(1)",
  ])("refuses %j", (url) => {
    expect(isGatewayUrl(url)).toBe(false);
  });

  test("accepts a string, and no object that converts to one", () => {
    expect(isGatewayUrl(new URL("https://api.freedompay.kz") as unknown as string)).toBe(false);
  });

  test("knows every published host, over https", () => {
    expect(GATEWAY_HOSTS.map((host) => isGatewayUrl(`https://${host}`))).toEqual([true, true, true, true, true]);
  });
});

describe("createGateway", () => {
  test("keeps the origin and the signer", async () => {
    const made = await createGateway({ ...OPTIONS, url: "https://API.freedompay.kz:443/", algorithm: "HS512" });
    expect(made).toMatchObject({ url: "https://api.freedompay.kz", signer: { merchantId: "123456", algorithm: "HS512" } });
  });

  test.each([
    [{ url: "https://shop.example" }, "input_invalid"],
    [{ url: undefined as unknown as string }, "input_invalid"],
    [{ merchantId: "shop" }, "input_invalid"],
    [{ secretKey: "" }, "key_invalid"],
  ])("refuses %j", async (change, code) => {
    const error: unknown = await createGateway({ ...OPTIONS, ...change }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "FreedomPayError", code });
    expect(String(error)).not.toContain(SECRET);
  });

  test("names the accepted addresses in its error", async () => {
    await expect(createGateway({ ...OPTIONS, url: "https://shop.example" })).rejects.toMatchObject({
      message: "the gateway's URL must be a known Freedom Pay host over https, or loopback over http",
    });
  });
});

describe("buildRequest", () => {
  test("makes a signed POST of the exact text, and follows no redirect", async () => {
    const request = await buildRequest(gateway, CALL);
    expect(request.method).toBe("POST");
    expect(request.url).toBe("https://test-api.freedompay.kz/v5/g2g/read");
    expect(request.redirect).toBe("manual");
    expect(Object.fromEntries(request.headers)).toEqual({
      accept: "application/json",
      "content-type": "application/json",
      "x-action": "gateway.payment.status",
      "x-jws-signature": expect.stringMatching(/^[\w-]+\.\.[\w-]+$/),
      "x-request-id": ID,
    });
    const body = new Uint8Array(await request.arrayBuffer());
    expect(new TextDecoder().decode(body)).toBe('{"order_id":"заказ-1234"}');
    const signature = request.headers.get("x-jws-signature") ?? "";
    await expect(
      verifySignature(signature, body, { merchantId: "123456", secretKey: SECRET, uri: "/v5/g2g/read" }),
    ).resolves.toBeUndefined();
  });

  test("makes the same request for the same call", async () => {
    const [first, second] = await Promise.all([buildRequest(gateway, CALL), buildRequest(gateway, CALL)]);
    expect([...second.headers]).toEqual([...first.headers]);
    expect(await second.text()).toBe(await first.text());
  });

  test("leaves X-Action out where there is none, and signs with the gateway's algorithm", async () => {
    const sibling = await createGateway({ ...OPTIONS, algorithm: "HS512" });
    const request = await buildRequest(sibling, otherCall({ endpoint: "/v5/card-api/request/status", body: { request_id: ID } }, ID));
    expect(request.headers.has("x-action")).toBe(false);
    const body = new Uint8Array(await request.arrayBuffer());
    const expected = { merchantId: "123456", secretKey: SECRET, uri: "/v5/card-api/request/status", algorithm: "HS512" } as const;
    await expect(verifySignature(request.headers.get("x-jws-signature") ?? "", body, expected)).resolves.toBeUndefined();
  });
});

describe("send", () => {
  test("sends the request unchanged, once, with a signal", async () => {
    const { fetch, requests } = answering(() => new Response("{}"));
    const response = await send(await buildRequest(gateway, CALL), { fetch });
    expect(await response.text()).toBe("{}");
    expect(requests).toHaveLength(1);
    const [request] = requests;
    expect(request?.redirect).toBe("manual");
    expect(request?.headers.get("x-request-id")).toBe(ID);
    expect(await request?.text()).toBe(CALL.body);
    expect(request?.signal.aborted).toBe(false);
  });

  test("uses the global fetch by default", async () => {
    const spy = vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response("{}"));
    try {
      await (await send(await buildRequest(gateway, CALL))).text();
      expect(spy).toHaveBeenCalledOnce();
    } finally {
      spy.mockRestore();
    }
  });

  test("throws the error of fetch", async () => {
    const error = new TypeError("fetch failed");
    const request = await buildRequest(gateway, CALL);
    await expect(send(request, { fetch: () => Promise.reject(error) })).rejects.toBe(error);
  });

  test("ends after the time-out, even if fetch ignores the signal", async () => {
    const request = await buildRequest(gateway, CALL);
    await expect(send(request, { fetch: never, timeout: 20 })).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("ends when the caller's signal ends, with its reason", async () => {
    const controller = new AbortController();
    const request = await buildRequest(gateway, CALL);
    const sent = send(request, { fetch: never, signal: controller.signal });
    const reason = new Error("the caller aborted");
    controller.abort(reason);
    await expect(sent).rejects.toBe(reason);
  });

  test("sends nothing after the signal was aborted", async () => {
    const { fetch, requests } = answering(() => new Response("{}"));
    const request = await buildRequest(gateway, CALL);
    await expect(send(request, { fetch, signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
    expect(requests).toEqual([]);
  });

  test("aborts the signal of fetch after the time-out", async () => {
    const { fetch, requests } = answering(never);
    await expect(send(await buildRequest(gateway, CALL), { fetch, timeout: 20 })).rejects.toMatchObject({ name: "TimeoutError" });
    await vi.waitFor(() => expect(requests[0]?.signal.aborted).toBe(true));
  });

  test("waits 20 seconds by default", () => {
    expect(CALL_TIMEOUT).toBe(20_000);
  });
});

describe("callGateway", () => {
  test("returns the answer", async () => {
    const payment = { id: "77", order_id: "1234", status: "success", amount: 100 };
    const { fetch } = answering(() => Response.json(payment));
    expect(await callGateway(gateway, CALL, { fetch })).toEqual({ kind: "answered", httpStatus: 200, answer: payment });
  });

  test("returns the refusal", async () => {
    const { fetch } = answering(() => Response.json({ error: { code: "1100", description: "sign" } }, { status: 401 }));
    expect(await callGateway(gateway, reverse({ id: "77" }, ID), { fetch })).toEqual({
      kind: "refused",
      httpStatus: 401,
      code: "1100",
      description: "sign",
      category: "configuration",
    });
  });

  test.each([
    ["network", (): Promise<Response> => Promise.reject(new TypeError("fetch failed"))],
    [
      "network",
      (): Promise<Response> => {
        throw new Error("Network connection lost.");
      },
    ],
    ["timeout", never],
    ["timeout", (): Promise<Response> => Promise.resolve(new Response(new ReadableStream()))],
    ["not_json", (): Promise<Response> => Promise.resolve(new Response("<html>"))],
    [
      "redirect",
      (): Promise<Response> => Promise.resolve(new Response(null, { status: 302, headers: { location: "https://shop.example" } })),
    ],
    ["server_error", (): Promise<Response> => Promise.resolve(Response.json({}, { status: 502 }))],
  ])("never throws for a network error: %s", async (reason, fetch) => {
    const timeout = reason === "timeout" ? 50 : undefined;
    expect(await callGateway(gateway, CALL, { fetch, timeout })).toMatchObject({ kind: "unknown", reason });
  });

  test.each([
    ["before the call", (): AbortSignal => AbortSignal.abort(), never],
    ["with a reason of the caller's", (): AbortSignal => AbortSignal.abort("over"), never],
    [
      "while it waits for the answer",
      (): AbortSignal => {
        const controller = new AbortController();
        setTimeout(() => controller.abort("over"), 20);
        return controller.signal;
      },
      never,
    ],
    [
      "while it reads the answer",
      (): AbortSignal => {
        const controller = new AbortController();
        setTimeout(() => controller.abort("over"), 20);
        return controller.signal;
      },
      (): Promise<Response> => Promise.resolve(new Response(new ReadableStream())),
    ],
  ])("is aborted by the caller's signal %s", async (_, signal, fetch) => {
    expect(await callGateway(gateway, CALL, { fetch, signal: signal() })).toMatchObject({ kind: "unknown", reason: "aborted" });
  });
});
