/** Starts the process of outside.ts, and asks it. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Cleanup } from "../bench/processes.ts";
import { endOf } from "../bench/processes.ts";
import type { Answers, Question } from "./outside.ts";

/** The gateway and the merchant's server. One question at a time. */
export interface Outside {
  readonly gateway: string;
  readonly notifyUrl: string;
  ask<Asked extends Question>(question: Asked): Promise<Answers[Asked["what"]]>;
}

export async function startOutside(cleanup: Cleanup): Promise<Outside> {
  const child = fork(fileURLToPath(new URL("outside.ts", import.meta.url)), { execArgv: [] });
  cleanup.add(endOf(child));
  const ask = <Asked extends Question>(question: Asked): Promise<Answers[Asked["what"]]> =>
    new Promise((resolve, reject) => {
      const onEnd = (): void => reject(new Error("The process of the gateway has ended"));
      child.once("close", onEnd);
      child.once("message", (message: { readonly value?: Answers[Asked["what"]]; readonly error?: string }) => {
        child.off("close", onEnd);
        if (message.error === undefined) resolve(message.value as Answers[Asked["what"]]);
        else reject(new Error(message.error));
      });
      child.send(question);
    });
  return { ...(await ask({ what: "start" })), ask };
}
