/**
 * The modules that the suite tests. `npm run runtimes` imports them from the installed package instead:
 * scripts/runtimes/suite-file.ts.
 */
import * as boundProfile from "../../src/merchant-api/bound-profile.ts";
import * as calls from "../../src/merchant-api/calls.ts";
import * as client from "../../src/merchant-api/client.ts";
import * as notificationAnswer from "../../src/merchant-api/notification-answer.ts";
import * as notification from "../../src/merchant-api/notification.ts";
import * as pageAddress from "../../src/merchant-api/page-address.ts";
import * as paths from "../../src/merchant-api/paths.ts";
import * as paymentStatus from "../../src/merchant-api/payment-status.ts";
import * as signature from "../../src/merchant-api/signature.ts";
import * as xml from "../../src/merchant-api/xml.ts";

export * as main from "../../src/index.ts";
export * as cardPayment from "../../src/card-payment.ts";
export * as simulator from "../../src/simulator/index.ts";

/** The Merchant API, which no export of the package has yet. */
export const merchant = {
  ...boundProfile,
  ...calls,
  ...client,
  ...notification,
  ...notificationAnswer,
  ...pageAddress,
  ...paths,
  ...paymentStatus,
  ...signature,
  ...xml,
};
