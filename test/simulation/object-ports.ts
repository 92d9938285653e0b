/** The ports of a simulated object: its random values, and the gateway and timers of one incarnation. Nothing reaches an incarnation that was evicted. */
import type { Timer } from "../../src/lib/time.ts";
import { requestId } from "../../src/request-id.ts";
import type { GatewayPort } from "../../edge/gateways/gateway-port.ts";
import type { GatewayCall, GatewayOutcome } from "../../edge/machine/gateway-call.ts";
import type { Random } from "../../edge/machine/event.ts";
import type { Modules } from "./edge-modules.ts";
import type { GatewayConnection } from "./gateway-connection.ts";
import type { Prng } from "./prng.ts";
import type { Schedule } from "./schedule.ts";

export interface IncarnationPorts {
  readonly schedule: Schedule;
  readonly connection: GatewayConnection;
  readonly edge: Modules;
  /** The edge's gateway keys, newest first. */
  readonly keys: readonly string[];
  isAlive(): boolean;
  /** Resolves when everything that was written is durable. */
  durable(): Promise<void>;
  requestId(): string;
}

export function gatewayOf({ connection, edge, keys, isAlive, durable, requestId: freshId }: IncarnationPorts): GatewayPort {
  const keyAt = (index: number): string => keys[index] ?? keys[0] ?? "none";
  const send = async <Answer>(call: GatewayCall<Answer>, key: number): Promise<GatewayOutcome<Answer>> => {
    // The platform holds back a call until the writes before it are durable.
    await durable();
    return isAlive() ? connection.send(call, keyAt(key), isAlive) : new Promise(() => {});
  };
  return {
    send,
    // As gateways/gateway-port.ts: if the first key is refused, the read is sent once more with the other key, under a fresh id.
    read: async (call) => {
      const outcome = await send(call, 0);
      const refused = outcome.kind === "refused" && edge.pendingCall.isKeyRefusal(outcome);
      return refused && keys.length > 1 ? send({ ...call, requestId: freshId() }, 1) : outcome;
    },
  };
}

/** The random values of an object, the same for the same PRNG. */
export function randomOf(prng: Prng, now: () => number): Random {
  const ids = prng.fork("request ids");
  const fractions = prng.fork("fractions");
  return {
    fraction: () => fractions.fraction(),
    requestId: () =>
      requestId(now(), (bytes) => {
        for (const index of bytes.keys()) bytes[index] = ids.int(0, 255);
      }),
  };
}

export function timerOf({ schedule, isAlive }: IncarnationPorts): Timer {
  return (milliseconds, act) => {
    let isCleared = false;
    schedule.after(milliseconds, () => {
      if (!isCleared && isAlive()) act();
    });
    return () => {
      isCleared = true;
    };
  };
}
