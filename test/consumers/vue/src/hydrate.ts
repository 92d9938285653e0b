import { createSSRApp } from "vue";
import Payment from "./Payment.vue";

createSSRApp(Payment, JSON.parse(document.getElementById("props")?.textContent ?? "")).mount("main");
