import "freedom-pay-charge/widget/define";
import type {} from "freedom-pay-charge/react";
import { useState } from "react";

export function Payment({ endpoint, token }: { endpoint: string; token: string }) {
  const [outcome, setOutcome] = useState("");
  return (
    <>
      <freedom-pay-charge
        endpoint={endpoint}
        token={token}
        onfreedom-pay-success={(event) => setOutcome(`${event.detail.order_id} ${event.detail.status}`)}
      >
        <p slot="consent">
          By pressing the button you agree to the <a href="/terms">terms</a>.
        </p>
      </freedom-pay-charge>
      <output>{outcome}</output>
    </>
  );
}
