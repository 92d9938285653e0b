/** Calls to the simulated gateway, signed by node:crypto and not by code of the package or the simulator. */

import { createHmac } from "node:crypto";
import type { Call } from "../../src/simulator/index.ts";

export const MERCHANT = "123456";
export const SECRET = "test-secret-of-the-gateway";
/** 2026-11-22T10:00:00Z. */
export const START = 1_795_341_600_000;
export const SECOND = 1000;
export const DAY = 86_400_000;

/** The recurrent example of the official page, in its member order. */
export const OFFICIAL_EXAMPLE =
  '{"amount":10,"currency":"KZT","description":"description","order_id":"1234","user_id":"12345","auto_clearing":false,' +
  '"from":{"type":"recurrent","recurrent":{"profile_id":"0190fddd-bea7-7f17-b777-10344d5cc816"}},' +
  '"device":{"user_ip":"84.252.158.239"},' +
  '"urls":{"check_url":"https://shop.example/check","result_url":"https://shop.example/result"}}';

let calls = 0;

/** A fresh X-Request-Id. */
export function freshId(): string {
  calls += 1;
  return `019b0000-0000-7000-8000-${String(calls).padStart(12, "0")}`;
}

export function call(action: string, body: Call["body"], requestId: string = freshId()): Call {
  return { action, body, requestId };
}

export interface CreateOptions {
  readonly orderId?: string;
  readonly profile?: string;
  readonly amount?: number;
  readonly autoClearing?: boolean;
  readonly urls?: Readonly<Record<string, string>>;
  readonly requestId?: string;
}

export function createBody(options: CreateOptions = {}): Record<string, unknown> {
  return {
    amount: options.amount ?? 100,
    currency: "KZT",
    description: "a book",
    order_id: options.orderId ?? "1234",
    user_id: "12345",
    auto_clearing: options.autoClearing ?? true,
    from: { type: "recurrent", recurrent: { profile_id: options.profile ?? "0190fddd-bea7-7f17-b777-10344d5cc816" } },
    device: { user_ip: "203.0.113.7" },
    ...(options.urls === undefined ? {} : { urls: options.urls }),
  };
}

export const create = (options: CreateOptions = {}): Call => call("gateway.payment.create", createBody(options), options.requestId);
export const readOrder = (orderId = "1234"): Call => call("gateway.payment.status", { order_id: orderId });
export const readPayment = (id: string): Call => call("gateway.payment.status", { id });
export const readRequest = (id: string): Call => call("gateway.request.status", { id });
export const clearing = (id: string, amount: number): Call => call("gateway.payment.clearing", { id, amount });
export const reverse = (id: string): Call => call("gateway.payment.reverse", { id });
export const refund = (id: string, amount: number): Call => call("gateway.payment.refund", { id, amount });

const ENDPOINTS: Readonly<Record<string, string>> = {
  "gateway.payment.create": "/v5/g2g/create",
  "gateway.payment.status": "/v5/g2g/read",
  "gateway.request.status": "/v5/g2g/read",
};

export function sign(path: string, body: string, secret: string = SECRET, members: Readonly<Record<string, unknown>> = {}): string {
  const header = { uri: path, auth_id: MERCHANT, method: "POST", params: "", alg: "HS256", ...members };
  const text = Buffer.from(JSON.stringify(header)).toString("base64url");
  const mac = createHmac(header.alg === "HS512" ? "sha512" : "sha256", secret)
    .update(`${text}.${Buffer.from(body).toString("base64url")}`)
    .digest("base64url");
  return `${text}..${mac}`;
}

/** The call as a signed HTTP request. */
export function http(request: Call, secret: string = SECRET): Request {
  const path = ENDPOINTS[request.action] ?? "/v5/g2g/edit";
  const body = typeof request.body === "string" ? request.body : JSON.stringify(request.body);
  return new Request(`https://gateway.example${path}`, {
    method: "POST",
    body,
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      "X-Action": request.action,
      "X-Request-Id": request.requestId,
      "X-JWS-Signature": sign(path, body, secret),
    },
  });
}

/** The answer's parsed JSON. */
export function json(reply: { readonly body: string } | null): Record<string, unknown> {
  if (reply === null) {
    throw new Error("there is no answer");
  }
  return JSON.parse(reply.body) as Record<string, unknown>;
}
