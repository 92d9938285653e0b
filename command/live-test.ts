/** The live test: warns, asks for confirmation, charges, refunds, and writes a transcript. */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { FreedomPayError } from "../src/errors.ts";
import { createGateway } from "../src/gateway.ts";
import { createMerchantGateway } from "../src/merchant-api/client.ts";
import type { RecordedCallback } from "./callback-recorder.ts";
import { makeCallbackAddresses, recordCallbacks } from "./callback-recorder.ts";
import type { ExitCode, Terminal } from "./terminal.ts";
import { Transcript } from "./transcript.ts";
import type { LiveTestOptions } from "./live-test-options.ts";
import type { CreatedPayments, LiveTestRun } from "./live-test-steps.ts";
import { chargeByMerchantApi, refundAllByMerchantApi } from "./live-test-merchant.ts";
import { charge, refundAll } from "./live-test-steps.ts";

/**
 * Runs a live test if the flag was given and the merchant's id is typed.
 *
 * @returns 0: no differences from the contract, and all money is returned. 1: differences, money not returned, or stopped. 2: not started
 */
export async function runLiveTest(options: LiveTestOptions, { input, write, pause }: Terminal): Promise<ExitCode> {
  const { gatewayUrl, merchantId, secretKey, out, api } = options;
  write(warningOf(options));
  if (!options.mayCharge) {
    write("\nNothing was charged. To continue, add --yes-charge-100-tenge.\n");
    return 2;
  }
  write(`\nTo continue, type the merchant's id (${merchantId}): `);
  if ((await readLine(input)) !== merchantId) {
    write("\nNothing was charged.\n");
    return 2;
  }
  write("\n");
  const { profileId: profile_id, userId: user_id, userIp: user_ip, decliningProfileId: declines } = options;
  const secrets = { secret_key: secretKey, profile_id, user_id, user_ip, declining_profile_id: declines, merchant_id: merchantId };
  const gateways = {
    async: await createGateway({ url: gatewayUrl, merchantId, secretKey }),
    merchant: createMerchantGateway({ url: gatewayUrl, merchantId, secretKey, paths: options.paths }),
  };
  const transcript = new Transcript(gateways, secrets, write);
  const addresses = makeCallbackAddresses(options.callbacks ?? "https://callbacks.invalid");
  const record = (callback: RecordedCallback): void => void transcript.callbacks.push(callback);
  const recorder = options.callbacks === null ? null : await recordCallbacks({ listen: options.listen, addresses, secretKey, record });
  const stopping = new AbortController();
  const stop = (): void => {
    write("\nStopping: no more charges. Payments are refunded first.\n");
    stopping.abort();
  };
  process.once("SIGINT", stop);
  const created: CreatedPayments = { payments: new Set(), orders: new Set() };
  const time = new Date().toISOString().replaceAll(/[-:T]|\.\d+Z/g, "");
  const orderPrefix = `live-test-${time}`;
  const run: LiveTestRun = {
    options,
    transcript,
    orderPrefix,
    addresses,
    stopped: stopping.signal,
    ...(pause === undefined ? {} : { pause }),
  };
  write(`The order_ids of this live test begin with ${run.orderPrefix}. If it is interrupted, search for them in the cabinet.\n\n`);
  let failure: string | null = null;
  let remaining: readonly string[] = [];
  try {
    await (api === "merchant" ? chargeByMerchantApi : charge)(run, created);
  } catch (error) {
    // Refund after any error.
    failure = error instanceof FreedomPayError ? error.message : String(error instanceof Error ? error.name : error);
  } finally {
    remaining = await (api === "merchant" ? refundAllByMerchantApi : refundAll)(run, created);
    process.off("SIGINT", stop);
    await recorder?.close();
    await transcript.save(out, { started: time, gateway: gatewayUrl, api, remaining, failure, isStopped: stopping.signal.aborted });
  }
  const differing = transcript.exchanges.filter(({ differences: differs }) => differs.length > 0).length + transcript.notes.length;
  write(
    `\n${transcript.exchanges.length} exchanges, ${differing} with differences from the contract, ${transcript.callbacks.length} callbacks: ${out}\n`,
  );
  if (failure !== null) write(`The live test failed: ${failure}\n`);
  for (const text of remaining) write(`NOT REFUNDED: ${text}\n`);
  if (remaining.length === 0) write("All payments are refunded.\n");
  return remaining.length === 0 && differing === 0 && failure === null && !stopping.signal.aborted ? 0 : 1;
}

function warningOf({ gatewayUrl, merchantId, callbacks, out, api }: LiveTestOptions): string {
  return `
  ############################################################
  #  THIS CHARGES REAL MONEY on the card behind the profile  #
  ############################################################

  gateway    ${gatewayUrl}
  merchant   ${merchantId}
  api        ${api === "merchant" ? "the Merchant API" : "v5, the Async API"}
  charges    ${api === "merchant" ? 4 : 3} of 100 KZT, and up to ${api === "merchant" ? 2 : 3} more if the gateway does not follow the contract or does not decline
  refunds    every charge: the first in two refunds, the others in one. Freedom Pay may keep its commission.
  callbacks  ${callbacks ?? "to an address that does not exist (see --callbacks)"}
  transcript ${out}: every answer, without key, profile, user and address
`;
}

/** The first line of the input; empty when there is none. */
async function readLine(input: Terminal["input"]): Promise<string> {
  const lines = createInterface({ input: Readable.from(input) });
  for await (const line of lines) return line.trim();
  return "";
}
