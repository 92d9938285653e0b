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
        theme="light"
        onfreedom-pay-success={(event) => setOutcome(`${event.detail.order_id} ${event.detail.status}`)}
      >
        <a slot="consent" href="/terms">
          Terms
        </a>
      </freedom-pay-charge>
      <output>{outcome}</output>
    </>
  );
}
