/** The peers of the edge on workerd, from a Worker that does nothing to a skeleton of a durable charge. One process serves one of them. */
import { jwtVerify } from "jose";
import { shardOf, slotOf } from "../../../edge/storage/placement.ts";
import type { PeerName } from "../peer-name.ts";
import type { BareObject, WarmObject } from "./objects.ts";
import type { ChargeAnswer, PeerCharge, PeerSettings } from "./signed-call.ts";
import { signedCall } from "./signed-call.ts";

export { BareObject, WarmObject } from "./objects.ts";
export { Skeleton, TwoCommitSkeleton } from "./skeleton.ts";

/** The shape of both skeletons for their callers. */
interface ChargeObject extends Rpc.DurableObjectBranded {
  charge(charge: PeerCharge): Promise<ChargeAnswer>;
}

interface PeerBindings extends PeerSettings {
  readonly PEER: PeerName;
  readonly WARM: DurableObjectNamespace<WarmObject>;
  readonly BARE: DurableObjectNamespace<BareObject>;
  readonly SKELETON: DurableObjectNamespace<ChargeObject>;
  readonly TWO_COMMITS: DurableObjectNamespace<ChargeObject>;
}

type Peer = (request: Request, env: PeerBindings) => Response | Promise<Response>;

/** The charge of a verified token. The secret is passed raw, as most examples of jose do. */
async function verified(request: Request, env: PeerBindings): Promise<PeerCharge> {
  const token = (request.headers.get("Authorization") ?? "").slice("Bearer ".length);
  const key = new TextEncoder().encode(env.CHARGE_TOKEN_KEY);
  const { payload } = await jwtVerify(token, key, { algorithms: ["HS256"], audience: "freedom-pay-charge" });
  return payload["charge"] as PeerCharge;
}

function shardName({ order_id }: PeerCharge): string {
  return `shard-${shardOf(slotOf(order_id))}`;
}

async function chargeIn(objects: DurableObjectNamespace<ChargeObject>, request: Request, env: PeerBindings): Promise<Response> {
  const charge = await verified(request, env);
  return Response.json(await objects.getByName(shardName(charge)).charge(charge), { status: 201 });
}

const PEERS: Readonly<Record<PeerName, Peer>> = {
  noop: () => Response.json({ ok: true }),
  forward: async (request, env) => {
    const { body, headers } = request;
    return new Response((await fetch(`${env.GATEWAY_URL}/v5/g2g/create`, { method: "POST", headers, body })).body);
  },
  sign: async (request, env) => Response.json(await signedCall(env, "create", await request.json())),
  warm: async (request, env) => {
    const charge = await verified(request, env);
    return Response.json(await env.WARM.getByName(shardName(charge)).nothing());
  },
  bare: async (request, env) => {
    const name = request.headers.get("Idempotency-Key") ?? "";
    return Response.json(await env.BARE.getByName(name).insert(name), { status: 201 });
  },
  skeleton: (request, env) => chargeIn(env.SKELETON, request, env),
  "two-commits": (request, env) => chargeIn(env.TWO_COMMITS, request, env),
};

const worker: { fetch: Peer } = { fetch: (request, env) => PEERS[env.PEER](request, env) };

// biome-ignore lint/style/noDefaultExport: workerd calls the default export.
export default worker;
