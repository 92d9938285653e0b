import { DatabaseSync } from "node:sqlite";
import express from "express";
import { issueChargeToken, toMinorUnits } from "freedom-pay-charge";
import { receive } from "./receiver.mjs";

const { CHARGE_TOKEN_KEY, EDGE, ORDER_ID } = process.env;
const db = new DatabaseSync(process.env.SHOP_DB ?? "shop.db");
const app = express();

app.post("/token", async (_request, response) => {
  // In a shop: the open order of the customer who is signed in, and the card that they chose.
  const charge = {
    order_id: ORDER_ID,
    amount: 4990,
    currency: "KZT",
    description: "Aport apples, 5 kg",
    user_id: "12345",
    profile_id: "0190fddd-bea7-7f17-b777-10344d5cc816",
  };
  db.prepare("INSERT OR IGNORE INTO orders VALUES (?, ?, ?)").run(charge.order_id, toMinorUnits(charge.amount), charge.currency);
  response.json({ endpoint: EDGE, token: await issueChargeToken(charge, { key: CHARGE_TOKEN_KEY, issuer: "shop.example" }) });
});

// The bytes as they came: no express.json() before this route.
app.post("/notifications", express.raw({ type: "*/*", limit: "1mb" }), async ({ method, headers, body }, response) => {
  const { status } = await receive(new Request("http://localhost/notifications", { method, headers, body }));
  response.status(status).end();
});

app.use(express.static("dist"));
const server = app.listen(Number(process.env.PORT ?? 0), "localhost", () => console.log(`http://localhost:${server.address().port}`));
