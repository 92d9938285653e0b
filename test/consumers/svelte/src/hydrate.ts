import { hydrate } from "svelte";
import Payment from "./Payment.svelte";

const target = document.querySelector("main");
if (target) hydrate(Payment, { target, props: JSON.parse(document.getElementById("props")?.textContent ?? "") });
