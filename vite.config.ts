import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { playwright } from "@vitest/browser-playwright";
import type { TestProjectConfiguration } from "vitest/config";
import { defineConfig } from "vitest/config";
import { CHROMIUM_FLAGS, findChromium } from "./scripts/chromium.ts";
import { findFirefox } from "./scripts/firefox.ts";
import { firefoxProvider } from "./scripts/firefox-in-vitest.ts";
import { STORY_LIMIT, TEST_LIMIT, WAIT_LIMIT } from "./scripts/timeouts.ts";
import { TEST_LENGTH } from "./scripts/test-length.ts";
import { Alternating } from "./scripts/test-order.ts";

/** Settings of the Worker under test. All are set, so that .dev.vars cannot change a test. */
const TEST_SETTINGS = {
  FREEDOM_PAY_MERCHANT_ID: "999999",
  FREEDOM_PAY_URL: "https://test-api.freedompay.kz",
  FREEDOM_PAY_SECRET_KEY: "test-secret-of-the-gateway",
  CHARGE_TOKEN_KEY: "test-secret-charge-token-key-0123456789abcdef",
  EDGE_API_KEY: "test-secret-edge-api-key-0123456789abcdef",
  CALLBACK_KEY: "test-secret-callback-key-0123456789abcdef",
  ALLOWED_ORIGINS: "https://shop.example,https://other-shop.example",
  PUBLIC_URL: "https://edge.example",
  NOTIFY_URL: "",
  NOTIFY_SECRET: "",
  GATEWAY_CALLBACKS: "both",
  ACCEPT_PAYMENTS: "true",
  CLIENT_IP_HEADER: "CF-Connecting-IP",
  RETENTION_DAYS: "400",
  LOCATION_HINT: "",
};

const chromium = findChromium();

const firefox = findFirefox();

/** Tests that take minutes, which only `npm run test:long` runs. */
const isLong = TEST_LENGTH === "long";

/** Projects that mostly wait, for a deadline, a page or a process, run in parallel. */
const WAITING = { maxWorkers: 5, sequence: { groupOrder: 0 } };

/** The others only compute and run after them, in few processes, because each of those loads all modules again. */
const COMPUTING = { maxWorkers: 2, sequence: { groupOrder: 1 } };

/** The element's tests that Firefox repeats in `npm test`: what an engine decides: presses and locks. */
const IN_FIREFOX = isLong
  ? ["test/**/*.browser.test.ts"]
  : ["click", "confirm", "lock"].map((name) => `test/widget/${name}.browser.test.ts`).concat("test/everywhere/suite.browser.test.ts");

/** Files of tests in processes that repeat a proof, or are long by waiting. `npm run test:long` runs them too. */
const WAITS_LONG = isLong ? [] : ["**/*.long.test.ts"];

/** The same for tests in browsers. */
const REPEATED = isLong ? [] : ["**/*.long.browser.test.ts"];

/** The time-outs of every project fit a machine that is ten times slower. */
const TIMEOUTS = {
  provide: { length: TEST_LENGTH },
  testTimeout: isLong ? 10 * TEST_LIMIT : TEST_LIMIT,
  hookTimeout: TEST_LIMIT,
  expect: { poll: { timeout: WAIT_LIMIT } },
  setupFiles: ["test/default-timeouts.ts"],
};

/** The time-outs for processes, pages and long computations. */
const LONG_TIMEOUTS = { ...TIMEOUTS, testTimeout: STORY_LIMIT };

/** Node loads the files itself, which takes less of the processor than the module runner. They mock no modules. */
const NATIVE = { experimental: { viteModuleRunner: false } };

/** The second engine: the element's tests and the core's, in the system's Firefox. All of them only in `npm run test:long`. */
function inFirefox(executablePath: string): TestProjectConfiguration {
  return {
    test: {
      ...TIMEOUTS,
      ...COMPUTING,
      name: "firefox",
      include: IN_FIREFOX,
      exclude: ["**/*.chromium.browser.test.ts", ...REPEATED],
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: firefoxProvider(executablePath),
        instances: [{ browser: "firefox" }],
        connectTimeout: TEST_LIMIT,
      },
    },
  };
}

/** Tests of the packed package in other projects. Only `npm run consumers` runs them, because they need the npm registry. */
const CONSUMERS: TestProjectConfiguration = {
  test: {
    ...LONG_TIMEOUTS,
    name: "consumers",
    sequence: { groupOrder: 3 },
    include: ["test/consumers/*.test.ts"],
    globalSetup: ["scripts/element-for-tests.ts"],
  },
};

/** docs/self-hosting.md. Only `npm run test:deploy` runs it, in namespaces of its own. */
const DEPLOY: TestProjectConfiguration = {
  test: {
    ...LONG_TIMEOUTS,
    name: "deploy",
    sequence: { groupOrder: 3 },
    include: ["test/deploy/*.test.ts", "test/end-to-end/charge.test.ts"],
    fileParallelism: false,
  },
};

/** Measurements. Only `npm run bench` runs them. */
const BENCH: TestProjectConfiguration = {
  test: {
    ...LONG_TIMEOUTS,
    name: "bench",
    include: ["test/bench/*.bench.ts"],
    fileParallelism: false,
    sequence: { groupOrder: 3 },
    globalSetup: ["test/process/bundle.ts"],
  },
};

export default defineConfig({
  test: {
    // Browsers and processes may need time to end.
    teardownTimeout: WAIT_LIMIT,
    sequence: { sequencer: Alternating },
    projects: [
      {
        test: {
          ...NATIVE,
          ...TIMEOUTS,
          ...COMPUTING,
          name: "node",
          isolate: false,
          include: ["test/**/*.test.ts"],
          exclude: [
            "**/*.workerd.test.ts",
            "**/*.browser.test.ts",
            "test/end-to-end/**",
            "test/process/**",
            "test/simulation/**",
            "test/consumers/**",
            "test/deploy/**",
          ],
        },
      },
      {
        test: {
          ...NATIVE,
          ...LONG_TIMEOUTS,
          ...COMPUTING,
          name: "simulation",
          isolate: false,
          include: ["test/simulation/**/*.test.ts"],
        },
      },
      {
        plugins: [
          cloudflareTest({
            main: "./edge/worker.ts",
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: isLong ? { ...TEST_SETTINGS, TEST_LENGTH: "long" } : TEST_SETTINGS,
              // No test reaches the network: calls that a test does not mock are refused here.
              outboundService: (request) => new Response(`This test called ${request.url}`, { status: 599 }),
            },
          }),
        ],
        test: {
          ...TIMEOUTS,
          ...WAITING,
          name: "workerd",
          // A log line that an object writes after the end of its test would wait forever for an answer from that test.
          disableConsoleIntercept: true,
          setupFiles: [...TIMEOUTS.setupFiles, "test/edge/quiet-log.ts"],
          include: ["test/**/*.workerd.test.ts"],
          globalSetup: ["scripts/element-for-tests.ts"],
        },
      },
      {
        test: {
          ...TIMEOUTS,
          ...COMPUTING,
          name: "chromium",
          include: ["test/**/*.browser.test.ts"],
          exclude: [...REPEATED],
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { args: [...CHROMIUM_FLAGS], ...(chromium === null ? {} : { executablePath: chromium }) },
            }),
            instances: [{ browser: "chromium" }],
            connectTimeout: TEST_LIMIT,
          },
        },
      },
      ...(firefox === null ? [] : [inFirefox(firefox)]),
      {
        test: {
          ...NATIVE,
          ...LONG_TIMEOUTS,
          ...WAITING,
          name: "end-to-end",
          // Each file ends what it has started.
          isolate: false,
          include: ["test/end-to-end/**/*.test.ts"],
          exclude: WAITS_LONG,
          globalSetup: ["scripts/element-for-tests.ts"],
        },
      },
      {
        test: {
          ...NATIVE,
          ...LONG_TIMEOUTS,
          ...WAITING,
          name: "process",
          include: ["test/process/**/*.test.ts"],
          exclude: WAITS_LONG,
          globalSetup: ["test/process/bundle.ts"],
          maxConcurrency: 20,
        },
      },
      ...(process.env["BENCH"] ? [BENCH] : []),
      ...(process.env["CONSUMERS_PACKAGE"] ? [CONSUMERS] : []),
      ...(process.env["DEPLOY_BEGAN"] ? [DEPLOY] : []),
    ],
  },
});
