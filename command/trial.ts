/** The live trial: warns, asks, charges, gives back, and writes everything down. */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { FreedomPayError } from "../src/errors.ts";
import { createGateway } from "../src/gateway.ts";
import type { Recorded } from "./callback-recorder.ts";
import { makeCallbackAddresses, recordCallbacks } from "./callback-recorder.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { Journal } from "./trial-journal.ts";
import type { TrialOptions } from "./trial-options.ts";
import type { Made, TrialRun } from "./trial-steps.ts";
import { charge, giveBack } from "./trial-steps.ts";

/**
 * Runs a trial, once the flag was given and the merchant's id was typed.
 *
 * @returns 0 when everything is as the contract says and given back; 1 when something differs, is not given back, or was stopped; 2 when it did not begin
 */
export async function runTrial(options: TrialOptions, { input, write, pause }: Terminal): Promise<ExitCode> {
  const { gatewayUrl, merchantId, secretKey, out } = options;
  write(warningOf(options));
  if (!options.mayCharge) {
    write("\nNothing was done. To go on, add --yes-charge-100-tenge.\n");
    return 2;
  }
  write(`\nTo go on, type the merchant's id (${merchantId}): `);
  if ((await lineOf(input)) !== merchantId) {
    write("\nNothing was done.\n");
    return 2;
  }
  write("\n");
  const { profileId: profile_id, userId: user_id, userIp: user_ip, declines } = options;
  const hidden = { secret_key: secretKey, profile_id, user_id, user_ip, declining_profile_id: declines, merchant_id: merchantId };
  const journal = new Journal(await createGateway({ url: gatewayUrl, merchantId, secretKey }), hidden, write);
  const addresses = makeCallbackAddresses(options.callbacks ?? "https://callbacks.invalid");
  const record = (callback: Recorded): void => void journal.callbacks.push(callback);
  const recorder = options.callbacks === null ? null : await recordCallbacks({ listen: options.listen, addresses, secretKey, record });
  const stopping = new AbortController();
  const stop = (): void => {
    write("\nStopping: no more charges. What was taken is given back first.\n");
    stopping.abort();
  };
  process.once("SIGINT", stop);
  const made: Made = { payments: new Set(), orders: new Set() };
  const time = new Date().toISOString().replaceAll(/[-:T]|\.\d+Z/g, "");
  const orders = `trial-${time}`;
  const run: TrialRun = { options, journal, orders, addresses, stopped: stopping.signal, ...(pause === undefined ? {} : { pause }) };
  write(`The orders of this trial begin with ${run.orders}: should it be cut short, look for them in the cabinet.\n\n`);
  let fault: string | null = null;
  let left: readonly string[] = [];
  try {
    await charge(run, made);
  } catch (error) {
    // Whatever it was, what was taken goes back.
    fault = error instanceof FreedomPayError ? error.message : String(error instanceof Error ? error.name : error);
  } finally {
    left = await giveBack(run, made);
    process.off("SIGINT", stop);
    await recorder?.close();
    await journal.save(out, { began: time, gateway: gatewayUrl, left, fault, isStopped: stopping.signal.aborted });
  }
  const differing = journal.exchanges.filter(({ differs }) => differs.length > 0).length;
  write(
    `\n${journal.exchanges.length} exchanges, ${differing} of them not as the contract says, ${journal.callbacks.length} callbacks: ${out}\n`,
  );
  if (fault !== null) write(`It broke off: ${fault}\n`);
  for (const text of left) write(`LOOK: ${text}\n`);
  if (left.length === 0) write("Everything that was taken is given back.\n");
  return left.length === 0 && differing === 0 && fault === null && !stopping.signal.aborted ? 0 : 1;
}

function warningOf({ gatewayUrl, merchantId, callbacks, out }: TrialOptions): string {
  return `
  ############################################################
  #  THIS CHARGES REAL MONEY on the card behind the profile  #
  ############################################################

  gateway    ${gatewayUrl}
  merchant   ${merchantId}
  charges    3 of 100 KZT, and 3 more if the gateway does not keep its promises or the decline is none
  gives back each of them: the first in two refunds, the others in one. Freedom Pay may keep its commission.
  callbacks  ${callbacks ?? "to an address that does not exist (see --callbacks)"}
  writes     ${out}: every answer, without key, profile, user and address
`;
}

/** The first line of the input; empty when it ends before. */
async function lineOf(input: Terminal["input"]): Promise<string> {
  const lines = createInterface({ input: Readable.from(input) });
  for await (const line of lines) return line.trim();
  return "";
}
