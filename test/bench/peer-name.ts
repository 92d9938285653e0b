/** Which peer a process of workerd serves: see test/bench/peers/worker.ts. */
export type PeerName = "noop" | "forward" | "sign" | "warm" | "bare" | "skeleton" | "two-commits";
