/**
 * The same charge as a careful shop would write it: Fastify and one SQLite file. It verifies the token, stores the order under its
 * Idempotency-Key before the call, and reads the payment before it answers. Fastify comes from the folder in FASTIFY_FOLDER.
 */
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { jwtVerify } from "jose";

interface FastifyRequest {
  readonly headers: Readonly<Record<string, string | undefined>>;
}

interface FastifyReply {
  code(status: number): FastifyReply;
}

/** As much of Fastify as this shop uses. */
interface Fastify {
  post(path: string, handle: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>): void;
  listen(options: { readonly port: number; readonly host: string }): Promise<string>;
}

interface Charge {
  readonly order_id: string;
  readonly profile_id: string;
}

const { FASTIFY_FOLDER = "", STATE = "", GATEWAY_URL = "", MERCHANT_ID = "", SECRET_KEY = "", CHARGE_TOKEN_KEY = "" } = process.env;

const fastify = createRequire(join(FASTIFY_FOLDER, "package.json"))("fastify") as (options: { readonly logger: boolean }) => Fastify;

const database = new DatabaseSync(join(STATE, "shop.sqlite"));
// A claim that a power cut could lose would be a second charge, so every commit is synchronous.
database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
database.exec(
  "CREATE TABLE charge (order_id TEXT PRIMARY KEY, idempotency_key TEXT NOT NULL UNIQUE, state TEXT NOT NULL, payment_id TEXT)",
);
const find = database.prepare("SELECT state, payment_id FROM charge WHERE order_id = ?");
const claim = database.prepare("INSERT INTO charge (order_id, idempotency_key, state) VALUES (?, ?, 'sent')");
const name = database.prepare("UPDATE charge SET payment_id = ? WHERE order_id = ?");
const decide = database.prepare("UPDATE charge SET state = ? WHERE order_id = ?");

const tokenKey = await crypto.subtle.importKey(
  "raw",
  new TextEncoder().encode(CHARGE_TOKEN_KEY),
  { name: "HMAC", hash: "SHA-256" },
  false,
  ["verify"],
);

async function signedCall(uri: string, action: string, content: unknown): Promise<{ readonly id: string; readonly status: string }> {
  const body = JSON.stringify(content);
  const header = Buffer.from(JSON.stringify({ uri, auth_id: MERCHANT_ID, method: "POST", params: "", alg: "HS256" })).toString("base64url");
  const mac = createHmac("sha256", SECRET_KEY)
    .update(`${header}.${Buffer.from(body).toString("base64url")}`)
    .digest("base64url");
  const headers = {
    "X-JWS-Signature": `${header}..${mac}`,
    "X-Request-Id": crypto.randomUUID(),
    "X-Action": action,
    "Content-Type": "application/json",
  };
  const response = await fetch(GATEWAY_URL + uri, { method: "POST", headers, body, signal: AbortSignal.timeout(20_000) });
  if (!response.ok) throw new Error(`The gateway answered ${response.status}`);
  return (await response.json()) as { readonly id: string; readonly status: string };
}

const app = fastify({ logger: false });

app.post("/v1/charges", async ({ headers }, reply) => {
  const token = (headers["authorization"] ?? "").slice("Bearer ".length);
  const { payload } = await jwtVerify(token, tokenKey, { algorithms: ["HS256"], audience: "freedom-pay-charge" });
  const { profile_id, ...charge } = payload["charge"] as Charge;
  const key = headers["idempotency-key"];
  if (key === undefined) return reply.code(400);
  const known = find.get(charge.order_id);
  if (known !== undefined) return { order_id: charge.order_id, status: known["state"], payment_id: known["payment_id"] };
  claim.run(charge.order_id, key);
  const created = await signedCall("/v5/g2g/create", "gateway.payment.create", {
    ...charge,
    auto_clearing: true,
    from: { type: "recurrent", recurrent: { profile_id } },
    device: { user_ip: "192.0.2.1" },
  });
  name.run(created.id, charge.order_id);
  const payment = await signedCall("/v5/g2g/read", "gateway.payment.status", { id: created.id });
  decide.run(payment.status, charge.order_id);
  reply.code(201);
  return { order_id: charge.order_id, status: payment.status, payment_id: payment.id };
});

const address = await app.listen({ port: 0, host: "127.0.0.1" });
process.send?.(Number(new URL(address).port));
process.once("disconnect", () => process.exit());
