import { issueChargeToken } from "freedom-pay-charge";
import { Payment } from "../Payment";

export const dynamic = "force-dynamic";

const { CHARGE_TOKEN_KEY = "", EDGE = "", SHOP } = process.env;

/** An order whose card is entered on Freedom Pay's page. The shopper comes back here. */
export default async function FirstPage() {
  const token = await issueChargeToken(
    {
      order_id: "next-first",
      amount: 4990,
      currency: "KZT",
      description: "Aport apples, 5 kg",
      user_id: "12345",
      payment_page: { return_url: `${SHOP}/next/first`, save_card_months: 12 },
    },
    { key: CHARGE_TOKEN_KEY, issuer: "shop.example" },
  );
  return (
    <main>
      <Payment endpoint={EDGE} token={token} />
    </main>
  );
}
