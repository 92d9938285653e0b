/**
 * The conformance suite of the core: what the package must do alike in every runtime it names. Plain functions over Web standards; it imports
 * nothing that runs but itself, so the same file goes to Node, Deno, Bun, workerd and browsers. The unit tests in test/src have the details.
 */
import { callCases } from "./calls.ts";
import type { Case, Subject } from "./case.ts";
import { merchantCallCases } from "./merchant-calls.ts";
import { merchantNotificationCases } from "./merchant-notifications.ts";
import { merchantSignatureCases } from "./merchant-signatures.ts";
import { networkCases } from "./network.ts";
import { notificationCases } from "./notifications.ts";
import { paymentCases } from "./payments.ts";
import { signatureCases } from "./signatures.ts";
import { simulatorCases } from "./simulated.ts";
import { tokenCases } from "./tokens.ts";
import { valueCases } from "./values.ts";
import { webCryptoCases } from "./web-crypto.ts";

/**
 * All cases, for the modules that are tested.
 *
 * @param gatewayUrl of a gateway on loopback for {@link networkCases}. Without one they are left out
 */
export function suiteOf(subject: Subject, gatewayUrl?: string): readonly Case[] {
  const cases = [
    valueCases,
    signatureCases,
    paymentCases,
    callCases,
    simulatorCases,
    tokenCases,
    notificationCases,
    merchantSignatureCases,
    merchantCallCases,
    merchantNotificationCases,
    webCryptoCases,
  ].flatMap((casesOf) => casesOf(subject));
  return gatewayUrl === undefined ? cases : [...cases, ...networkCases(subject, gatewayUrl)];
}
