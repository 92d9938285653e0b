import "freedom-pay-charge/widget/define";

const pay = document.querySelector("freedom-pay-charge");
const output = document.querySelector("output");

/** Asks the shop's server for a token of the order. */
async function setToken(): Promise<void> {
  const response = await fetch("token", { method: "POST" });
  if (pay && response.ok) Object.assign(pay, (await response.json()) as { endpoint: string; token: string });
}

pay?.addEventListener("freedom-pay-error", ({ detail }) => {
  // The page was open for longer than the token is valid.
  if (detail.reason === "token_expired") void setToken();
});
pay?.addEventListener("freedom-pay-success", ({ detail }) => {
  if (output) output.textContent = `${detail.order_id} ${detail.status}`;
});
await setToken();
