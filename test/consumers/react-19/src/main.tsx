import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Payment } from "./Payment";

const { endpoint, token } = (await (await fetch("charge.json")).json()) as { endpoint: string; token: string };

const main = document.querySelector("main");
if (main)
  createRoot(main).render(
    <StrictMode>
      <Payment endpoint={endpoint} token={token} />
    </StrictMode>,
  );
