import type { Browser } from "playwright";
import { firefox } from "playwright";
import { findFirefox } from "../../scripts/firefox.ts";
import { TEST_LENGTH } from "../../scripts/test-length.ts";
import { TEST_LIMIT } from "../../scripts/timeouts.ts";
import { launchChromium, patient } from "./storefront-page.ts";

/** A browser's engine, and how a browser of it is started. */
export interface Engine {
  readonly name: "chromium" | "firefox";
  launch(): Promise<Browser>;
}

const firefoxPath = findFirefox();

/** Chromium and, where there is one, the system's Firefox. */
export const ENGINES: readonly Engine[] = [
  { name: "chromium", launch: launchChromium },
  ...(firefoxPath === null
    ? []
    : [
        {
          name: "firefox",
          launch: async () => patient(await firefox.launch({ channel: "moz-firefox", executablePath: firefoxPath, timeout: TEST_LIMIT })),
        } as const,
      ]),
];

/** For tests that say the same in the second engine: Chromium alone, and in `npm run test:long` {@link ENGINES}. */
export const FIRST_ENGINE: readonly Engine[] = TEST_LENGTH === "long" ? ENGINES : ENGINES.slice(0, 1);
