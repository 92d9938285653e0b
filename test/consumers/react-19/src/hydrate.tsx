import { hydrateRoot } from "react-dom/client";
import { Payment } from "./Payment";

const main = document.querySelector("main");
if (main) hydrateRoot(main, <Payment {...JSON.parse(document.getElementById("props")?.textContent ?? "")} />);
