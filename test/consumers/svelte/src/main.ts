import { mount } from "svelte";
import Payment from "./Payment.svelte";

const { endpoint, token } = (await (await fetch("charge.json")).json()) as { endpoint: string; token: string };

const target = document.querySelector("main");
if (target) mount(Payment, { target, props: { endpoint, token } });
