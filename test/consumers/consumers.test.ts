// npm run consumers: the packed package, as pages and servers use it, rendered in the browser and on a server. Needs the npm registry.
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeBlocks, onlyCodeBlock } from "../docs/code-block.ts";
import { launchChromium } from "../end-to-end/storefront-page.ts";
import { WAIT_LIMIT } from "../../scripts/timeouts.ts";
import { closedGate } from "../gate.ts";
import { hovers } from "./editor.ts";
import { PROJECTS } from "./projects.ts";
import type { Shop } from "./shop.ts";
import { openShop } from "./shop.ts";

/** Where all projects stand, beside the packed package. */
const folder = mkdtempSync(join(tmpdir(), "consumers-"));
let browser: Browser;
let shop: Shop;

beforeAll(async () => {
  cpSync(process.env["CONSUMERS_PACKAGE"] ?? "", join(folder, "freedom-pay-charge.tgz"));
  shop = await openShop();
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await shop?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Puts a project beside the packed package, without what an editor may have left in it. */
function place(name: string): string {
  const project = join(folder, name);
  const left = /[\\/](node_modules|dist(-\w+)?|shop(\.db)?|\.svelte-kit|\.angular|\.next|package-lock\.json)$/;
  cpSync(join(import.meta.dirname, name), project, { recursive: true, filter: (file) => !left.test(file) });
  return project;
}

/** Puts the receiver of docs/notifications.md into a project, with the store of its SQLite or the one of its files. */
function placeReceiver(project: string, store: "sqlite" | "files"): void {
  const blocks = codeBlocks("docs/notifications.md", "js");
  const block = (start: string, text = ""): string =>
    blocks.find((code) => code.startsWith(start) && code.includes(text)) ?? expect.fail(`no block ${start} with ${text}`);
  writeFileSync(join(project, "receiver.mjs"), block("// receiver.mjs"));
  writeFileSync(join(project, "store.mjs"), block("// store.mjs", store === "sqlite" ? "node:sqlite" : "node:fs"));
}

/** The order of a project whose own server makes the token. */
const orderOf = (project: string): string => `${basename(project)}-own`;

/** What the commands of a project see. */
function projectEnv(project: string): NodeJS.ProcessEnv {
  const { NODE_ENV: _, ...env } = process.env;
  const own = { NO_COLOR: "1", CI: "true", NEXT_TELEMETRY_DISABLED: "1", SHOP: shop.origin, ORDER_ID: orderOf(project) };
  return { ...env, ...own, ...shop.env };
}

/** Runs a command in a project. @returns its exit code and all that it wrote */
function inProject(
  project: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; output: string }> {
  const child = spawn(command, args, { cwd: project, env: { ...projectEnv(project), ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output: Buffer.concat(chunks).toString() }));
  });
}

async function succeeds(project: string, command: string, ...args: readonly string[]): Promise<string> {
  const { code, output } = await inProject(project, command, args);
  expect(code, output).toBe(0);
  return output;
}

async function install(project: string): Promise<void> {
  await succeeds(project, "npm", "install", "--no-package-lock", "--no-audit", "--no-fund");
}

interface Visit {
  /** The page's own words. */
  readonly said: string;
  /** How many links were seen in the element's slot for the consent. */
  readonly slotted: number;
  /** What the browser complained of. */
  readonly complaints: readonly string[];
}

/** A fresh browser's page, and what it complains of. */
async function newPage(): Promise<{ page: Page; complaints: readonly string[] }> {
  const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
  const complaints: string[] = [];
  // A development build says what it is.
  const isMeant = (text: string): boolean => text.startsWith("Lit is in dev mode");
  page.on("console", (message) => /error|warning/.test(message.type()) && !isMeant(message.text()) && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  return { page, complaints };
}

/** A shopper opens what the shop shows under this name and pays. */
async function payAt(name: string, whenPaid: string): Promise<Visit> {
  const { page, complaints } = await newPage();
  await page.goto(`${shop.origin}/${name}/`);
  const pay = page.getByRole("button", { name: "Pay ₸4,990" });
  await pay.waitFor();
  const slotted = await page.getByRole("link", { name: "Terms" }).count();
  await pay.click();
  await page.getByText("Payment successful").waitFor();
  const said = (await page.locator(whenPaid).first().textContent()) ?? "";
  await page.context().close();
  return { said, slotted, complaints };
}

/**
 * A shopper opens a page that a server rendered and pays, before its scripts come or after. The element has to stay the one of the
 * server's HTML.
 */
async function payAtRendered(name: string, when: "before" | "after"): Promise<Visit> {
  const { page, complaints } = await newPage();
  const scripts = closedGate();
  await page.route(/\.js(\?|$)/, async (route) => {
    if (route.request().url().startsWith(shop.origin)) await scripts.passed;
    await route.continue();
  });
  await page.goto(`${shop.origin}/${name}`, { waitUntil: "commit" });
  const element = page.locator("freedom-pay-charge");
  await element.waitFor({ state: "attached" });
  await element.evaluate((node) => Object.assign(node, { isOfTheServer: true }));
  if (when === "before") await page.addScriptTag({ url: `${shop.edge}/v1/freedom-pay-charge.js`, type: "module" });
  else scripts.open();
  const pay = page.getByRole("button", { name: "Pay ₸4,990" });
  await pay.waitFor();
  const slotted = await page.getByRole("link", { name: "Terms" }).count();
  await pay.click();
  await page.getByText("Payment successful").waitFor();
  scripts.open();
  const said = (await page.locator("output:not(:empty)").first().textContent()) ?? "";
  expect(await element.evaluate((node) => Object.hasOwn(node, "isOfTheServer"))).toBe(true);
  await page.context().close();
  return { said, slotted, complaints };
}

/** A shopper pays on the simulated page, and comes back to the page that led there. */
async function payFirstAt(path: string): Promise<Visit> {
  const { page, complaints } = await newPage();
  await page.goto(`${shop.origin}/${path}`);
  await page.getByRole("button", { name: "Pay ₸4,990" }).click();
  await page.locator('button[value="pay"]').click();
  await page.waitForURL((url) => url.origin === shop.origin);
  await page.getByText("Payment successful").waitFor();
  const said = (await page.locator("output:not(:empty)").first().textContent()) ?? "";
  await page.context().close();
  return { said, slotted: 0, complaints };
}

async function expectSavedCard(orderId: string): Promise<void> {
  await expectPaidOnce(orderId);
  expect((await shop.read(orderId))?.profile).toMatchObject({ card: { last4: "1111" } });
}

async function expectPaidOnce(orderId: string): Promise<void> {
  const charge = await shop.read(orderId);
  expect([charge !== null && shop.isPaid(charge), charge?.attempts.length]).toEqual([true, 1]);
}

describe.each(PROJECTS)("$name", ({ name, builds, renders, mistakes }) => {
  const project = join(folder, name);

  test("is installed, and its types are right", async () => {
    place(name);
    await install(project);
    await succeeds(project, "npm", "run", "types");
  });

  test.each(builds)("after npm run %s a click pays once, and the typed event arrives", async (build) => {
    rmSync(join(project, "dist"), { recursive: true, force: true });
    await succeeds(project, "npm", "run", build);
    shop.show(name, join(project, "dist"));
    const { said, slotted, complaints } = await payAt(name, "output:not(:empty)");
    expect(slotted).toBe(1);
    expect(said).toMatch(new RegExp(`^${name}-\\d+ succeeded$`));
    await expectPaidOnce(said.split(" ")[0] ?? "");
    expect(complaints).toEqual([]);
  });

  test.runIf(name === "react-19")("a first payment leads to the payment page and back, and the card is saved", async () => {
    shop.show(`${name}-first`, join(project, "dist"));
    expect(await payFirstAt(`${name}-first/`)).toEqual({ said: `${name}-first succeeded`, slotted: 0, complaints: [] });
    await expectSavedCard(`${name}-first`);
  });

  test.runIf(renders).each(renders === "vite" ? (["before", "after"] as const) : (["after"] as const))(
    "rendered on a server and paid %s it is hydrated it pays once, and the page is told",
    async (when) => {
      const { order_id, endpoint, token } = await shop.newCharge(name);
      if (renders === "angular")
        writeFileSync(join(project, "src/props.ts"), `export const props = ${JSON.stringify({ endpoint, token })};\n`);
      rmSync(join(project, "dist-hydrate"), { recursive: true, force: true });
      await succeeds(project, "npm", "run", "build:hydrate");
      shop.show(`${name}-rendered`, join(project, "dist-hydrate"));
      if (renders === "vite")
        shop.showPage(`${name}-rendered`, await succeeds(project, process.execPath, "dist-server/server.js", endpoint, token));
      const { said, slotted, complaints } = await payAtRendered(`${name}-rendered/`, when);
      expect([said, slotted, complaints]).toEqual([when === "before" ? "succeeded" : `${order_id} succeeded`, 1, []]);
      await expectPaidOnce(order_id);
    },
  );

  test.runIf(name === "plain-ts")("an editor shows what a member of an answer and of a token means", () => {
    const code = `
      import type { ChargeInput, MerchantChargeAnswer } from "freedom-pay-charge";
      export const taken = (answer: MerchantChargeAnswer) => answer.cleared_amount;
      export const sent = (answer: MerchantChargeAnswer) => answer.notifications[0]?.tries;
      export const hold = (input: ChargeInput) => input.auto_clearing;`;
    const [taken, sent, hold, type] = hovers(project, code, ["answer.cleared_amount", "?.tries", "input.auto_clearing", "{ ChargeInput"]);
    expect(taken).toMatch(/^The taken amount; 0 during a hold/);
    expect(sent).toMatch(/^Number of tries/);
    expect(hold).toMatch(/^True or null: one step \(default\)/);
    expect(type).toBe("A charge as a merchant's server writes it.");
  });

  test("what is written wrongly is found by its type check", async () => {
    // Each in a copy of its own: a compiler may tell of one mistake on an element and leave the next out.
    for (const [index, { file, right, wrong }] of mistakes.entries()) {
      const text = readFileSync(join(project, file), "utf8");
      expect(text).toContain(right);
      writeFileSync(join(project, file.replace(/(?=\.\w+$)/, `-${index}`)), text.replace(right, wrong));
    }
    const { code, output } = await inProject(project, "npm", ["run", "types"]);
    expect(code).not.toBe(0);
    for (const { says } of mistakes) expect(output).toMatch(says);
  });
});

test("the page in plain HTML pays", async () => {
  const { order_id, endpoint, token } = await shop.newCharge("html");
  const page = onlyCodeBlock("docs/frameworks.md", "html").replace("https://pay.shop.example", endpoint).replace("eyJhbGciOi…", token);
  shop.showPage("html", `<!doctype html><html lang="en"><meta charset="utf-8"><title>Plain HTML</title>${page}</html>`);
  const { complaints } = await payAt("html", "freedom-pay-charge");
  await expectPaidOnce(order_id);
  expect(complaints).toEqual([]);
});

/** A server of a project. */
interface ProjectServer {
  readonly origin: string;
  /** Waits until it has written this. */
  writes(text: string): Promise<void>;
  end(): void;
}

/** Starts a server of a project that writes its address. */
async function startServer(project: string, ...args: readonly string[]): Promise<ProjectServer> {
  const server = spawn(process.execPath, args, { cwd: project, env: projectEnv(project), stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  server.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const writes = (text: string): Promise<void> => expect.poll(() => output, { timeout: WAIT_LIMIT }).toContain(text);
  const origin = await new Promise<string>((resolve, reject) => {
    server.once("error", reject);
    server.once("close", (code) => reject(new Error(`${args.join(" ")} ended with ${code}: ${output}`)));
    server.stdout.on("data", () => {
      const [found] = /http:\/\/localhost:\d+/.exec(output) ?? [];
      if (found) resolve(found);
    });
  });
  return { origin, writes, end: () => void server.kill() };
}

describe("Next.js", () => {
  const project = join(folder, "next");
  let server: ProjectServer | undefined;

  afterAll(() => server?.end());

  test("is installed, its types are right, and it is built", async () => {
    place("next");
    placeReceiver(project, "files");
    await install(project);
    await succeeds(project, "npm", "run", "types");
    await succeeds(project, "npm", "run", "build");
  });

  test("starts", async () => {
    server = await startServer(project, "node_modules/next/dist/bin/next", "start", "--port", "0");
    shop.handOn("next", `${server.origin}/next`);
  });

  test.each(["before", "after"] as const)("paid %s it is hydrated it pays once, and the page is told", async (when) => {
    const { said, slotted, complaints } = await payAtRendered("next", when);
    expect([slotted, complaints]).toEqual([1, []]);
    expect(said).toMatch(when === "before" ? /^succeeded$/ : /^next-\d+ succeeded$/);
    if (when === "after") await expectPaidOnce(said.split(" ")[0] ?? "");
  });

  test("a first payment leads to the payment page and back, and the card is saved", async () => {
    expect(await payFirstAt("next/first")).toEqual({ said: "next-first succeeded", slotted: 0, complaints: [] });
    await expectSavedCard("next-first");
  });

  test("a page whose token comes from a route handler pays, and the notification's route handler releases the goods", async () => {
    const { said, complaints } = await payAt("next/order", "output:not(:empty)");
    expect([said, complaints]).toEqual([`${orderOf(project)} succeeded`, []]);
    await expectPaidOnce(orderOf(project));
    await server?.writes(`order ${orderOf(project)} is succeeded, its goods leave`);
  });
});

describe("Express", () => {
  const project = join(folder, "express");
  let server: ProjectServer | undefined;

  afterAll(() => server?.end());

  test("is installed with a single-page app of Vite, its types are right, and it is built", async () => {
    place("express");
    placeReceiver(project, "sqlite");
    await install(project);
    await succeeds(project, "npm", "run", "types");
    await succeeds(project, "npm", "run", "build");
  });

  test("gives the app a token of its order, which is paid once, and the receiver releases the goods", async () => {
    server = await startServer(project, "server.js");
    shop.handOn("express", server.origin);
    const { said, slotted, complaints } = await payAt("express", "output:not(:empty)");
    expect([said, slotted, complaints]).toEqual([`${orderOf(project)} succeeded`, 1, []]);
    await expectPaidOnce(orderOf(project));
    await server.writes(`order ${orderOf(project)} is succeeded, its goods leave`);
  });
});

describe("Jest with TypeScript as CommonJS", () => {
  const project = join(folder, "jest");

  test("is installed, and its types are right", async () => {
    place("jest");
    await install(project);
    await succeeds(project, "npm", "run", "types");
  });

  test.each(["native", "compiled"])("pays an order in npm run test:%s", async (way) => {
    const ORDER_ID = `jest-${way}`;
    const { code, output } = await inProject(project, "npm", ["run", `test:${way}`], { ORDER_ID });
    expect(code, output).toBe(0);
    await expectPaidOnce(ORDER_ID);
  });
});

describe("on a server", () => {
  const project = join(folder, "ssr");

  test("importing the class or the definition in Node says nothing and ends by itself", async () => {
    place("ssr");
    await install(project);
    const imports = 'await import("freedom-pay-charge/widget"); await import("freedom-pay-charge/widget/define");';
    expect(await succeeds(project, "node", "--input-type=module", "--eval", imports)).toBe("");
  });

  test("@lit-labs/ssr renders the tag as it stands, and it comes to life in the browser", async () => {
    const { order_id, endpoint, token } = await shop.newCharge("ssr");
    const html = await succeeds(project, "node", "render.js", endpoint, token);
    const tag = /<freedom-pay-charge.*<\/freedom-pay-charge>/s.exec(html)?.[0] ?? expect.fail(html);
    expect(tag).toContain(`token="${token}"`);
    expect(tag).toContain('<a slot="consent" href="/terms">Terms</a>');
    expect(tag).not.toMatch(/<template|status=|<button/);
    shop.showPage("ssr", html);
    const { complaints } = await payAt("ssr", "freedom-pay-charge");
    await expectPaidOnce(order_id);
    expect(complaints).toEqual([]);
  });
});

describe("the package", () => {
  const project = join(folder, "package");

  test.each(["attw", "publint"])("%s finds no problem", async (tool) => {
    place("package");
    if (!existsSync(join(project, "node_modules"))) await install(project);
    await succeeds(project, "npm", "run", tool);
  });
});
