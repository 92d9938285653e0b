import { createApp } from "vue";
import Payment from "./Payment.vue";

const { endpoint, token } = (await (await fetch("charge.json")).json()) as { endpoint: string; token: string };

createApp(Payment, { endpoint, token }).mount("main");
