import { Payment } from "./Payment";

/** Every visit is an order of its own. */
export const dynamic = "force-dynamic";

export default async function Page() {
  const { endpoint, token } = (await (await fetch(`${process.env["SHOP"]}/next/charge.json`, { cache: "no-store" })).json()) as {
    endpoint: string;
    token: string;
  };
  return (
    <main>
      <Payment endpoint={endpoint} token={token} />
    </main>
  );
}
