"use client";

import { useEffect, useState } from "react";
import { Payment } from "../Payment";

/** A page that asks the token's route in the browser. */
export default function OrderPage() {
  const [props, setProps] = useState<{ endpoint: string; token: string } | null>(null);

  useEffect(() => {
    const ends = new AbortController();
    fetch("/next/token", { method: "POST", signal: ends.signal })
      .then(async (response) => setProps(await response.json()))
      .catch(() => {});
    return () => ends.abort();
  }, []);

  return <main>{props && <Payment {...props} />}</main>;
}
