/** The least that a durable charge does, in objects that many orders share. */
import { DurableObject } from "cloudflare:workers";
import type { ChargeAnswer, GatewayAnswer, PeerCharge, PeerSettings } from "./signed-call.ts";
import { createBody, signedCall } from "./signed-call.ts";

/** Milliseconds after which a charge without an outcome would be polled. */
const POLL_AFTER = 60_000;

/** The table, and the two steps that both skeletons share. */
class ChargeRows extends DurableObject<PeerSettings> {
  constructor(state: DurableObjectState, env: PeerSettings) {
    super(state, env);
    state.storage.sql.exec("CREATE TABLE IF NOT EXISTS charge (order_id TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID");
  }

  protected insert(charge: PeerCharge): void {
    const record = JSON.stringify({ charge, state: "sent", sentAt: Date.now() });
    this.ctx.storage.sql.exec("INSERT INTO charge (order_id, record) VALUES (?, ?)", charge.order_id, record);
  }

  protected update(charge: PeerCharge, { id, status }: GatewayAnswer): void {
    const record = JSON.stringify({ charge, state: status, paymentId: id, updatedAt: Date.now() });
    this.ctx.storage.sql.exec("UPDATE charge SET record = ? WHERE order_id = ?", record, charge.order_id);
  }

  protected answerOf({ order_id }: PeerCharge, { id, status }: GatewayAnswer): ChargeAnswer {
    return { order_id, status, payment_id: id };
  }
}

/** Record, alarm and sync; create; update; read; update. */
export class Skeleton extends ChargeRows {
  async charge(charge: PeerCharge): Promise<ChargeAnswer> {
    const { storage } = this.ctx;
    this.insert(charge);
    void storage.setAlarm(Date.now() + POLL_AFTER);
    await storage.sync();
    const created = await signedCall(this.env, "create", createBody(charge));
    this.update(charge, created);
    const payment = await signedCall(this.env, "read", { id: created.id });
    this.update(charge, payment);
    return this.answerOf(charge, payment);
  }

  override alarm(): void {}
}

/** The same with two commits: no sync, because a call waits for the commit anyway; one update; the alarm only when it becomes earlier. */
export class TwoCommitSkeleton extends ChargeRows {
  #armedAt = Number.POSITIVE_INFINITY;

  async charge(charge: PeerCharge): Promise<ChargeAnswer> {
    this.insert(charge);
    this.#arm(Date.now() + POLL_AFTER);
    const created = await signedCall(this.env, "create", createBody(charge));
    const payment = await signedCall(this.env, "read", { id: created.id });
    this.update(charge, payment);
    return this.answerOf(charge, payment);
  }

  override alarm(): void {
    this.#armedAt = Number.POSITIVE_INFINITY;
  }

  #arm(at: number): void {
    if (at >= this.#armedAt) return;
    this.#armedAt = at;
    void this.ctx.storage.setAlarm(at);
  }
}
