import "freedom-pay-charge/widget/define";

const { endpoint, token } = (await (await fetch("charge.json")).json()) as { endpoint: string; token: string };

const pay = document.querySelector("freedom-pay-charge");
if (pay) {
  pay.endpoint = endpoint;
  pay.token = token;
}

document.addEventListener("freedom-pay-success", (event) => {
  const output = document.querySelector("output");
  if (output) output.textContent = `${event.detail.order_id} ${event.detail.status}`;
});
