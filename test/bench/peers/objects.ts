import { DurableObject } from "cloudflare:workers";

/** A call of an object that does nothing. */
export class WarmObject extends DurableObject {
  nothing(): { readonly ok: true } {
    return { ok: true };
  }
}

/** The least that an object for each order does: one table, one row. */
export class BareObject extends DurableObject {
  insert(name: string): { readonly ok: true } {
    const { sql } = this.ctx.storage;
    sql.exec("CREATE TABLE charge (name TEXT NOT NULL)");
    sql.exec("INSERT INTO charge (name) VALUES (?)", name);
    return { ok: true };
  }
}
