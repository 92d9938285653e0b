import "freedom-pay-charge/widget/define";
import type {} from "freedom-pay-charge/react";
import type { FreedomPayCharge } from "freedom-pay-charge/widget";
import { useEffect, useRef, useState } from "react";

export function Payment({ endpoint, token }: { endpoint: string; token: string }) {
  const element = useRef<FreedomPayCharge>(null);
  const [outcome, setOutcome] = useState("");

  useEffect(() => {
    const pay = element.current;
    if (!pay) return;
    const listening = new AbortController();
    pay.addEventListener("freedom-pay-success", (event) => setOutcome(`${event.detail.order_id} ${event.detail.status}`), {
      signal: listening.signal,
    });
    // On a page that a server rendered, the order may have been paid before React was here.
    if (["succeeded", "authorized"].includes(pay.status)) setOutcome(pay.status);
    return () => listening.abort();
  }, []);

  return (
    <>
      <freedom-pay-charge ref={element} endpoint={endpoint} token={token} suppressHydrationWarning>
        <p slot="consent">
          By pressing the button you agree to the <a href="/terms">terms</a>.
        </p>
      </freedom-pay-charge>
      <output>{outcome}</output>
    </>
  );
}
