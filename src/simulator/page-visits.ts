/** The visits of a browser to a payment page. */

import type { PlannedCallback } from "./callbacks.ts";
import { htmlReply } from "./fault.ts";
import { formToken, pageAt, pagePath } from "./page-address.ts";
import type { PageForm } from "./page-form.ts";
import { readPageForm } from "./page-form.ts";
import { PAGE_HEADERS } from "./page-layout.ts";
import { pageMoment } from "./page-moment.ts";
import { returnFrom } from "./page-return.ts";
import { keywordsOf, nextTryPlan } from "./page-scenario.ts";
import { beginTry, endSecure, endTry } from "./page-try.ts";
import type { OpenedView } from "./page-views.ts";
import { formView, messageView, secureView, strayView } from "./page-views.ts";
import type { PageMessage } from "./page-words.ts";
import { languageOf } from "./page-words.ts";
import type { Plan } from "./plan.ts";
import type { ScenarioState } from "./scenario.ts";
import type { ModelState, Reply } from "./state.ts";
import { outageAt } from "./state.ts";

/** What the visits need of a simulator. */
export interface PageVisitOptions {
  readonly state: ModelState;
  readonly scenario: ScenarioState;
  readonly secretKeys: readonly string[];
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Sends a check; whether its answer declines the payment. */
  readonly declines: (check: PlannedCallback) => Promise<boolean>;
  /** Sends callbacks, and schedules what the model has queued. */
  readonly send: (callbacks: readonly PlannedCallback[]) => void;
}

/** An answer to a browser, and the log's note on it. */
export interface PageVisit {
  readonly reply: Reply | null;
  readonly note: string;
}

const redirect = (location: string): Reply => ({ httpStatus: 303, headers: { ...PAGE_HEADERS, location }, body: "", cut: false });

/** The message and HTTP status for a page that takes no form now. */
const BUSY: Readonly<Record<"checking" | "secure" | "processing" | "paid" | "closed", readonly [number, PageMessage]>> = {
  checking: [409, "checking"],
  secure: [409, "secure"],
  processing: [409, "processing"],
  paid: [409, "paid"],
  closed: [410, "closed"],
};

/** Creates the handler of the pages' path. */
export function createPageVisits(options: PageVisitOptions): (request: Request, url: URL, body: Uint8Array) => Promise<PageVisit> {
  const { state, scenario, now } = options;

  const back = (view: OpenedView, to: "success" | "failure", message: PageMessage): Reply => {
    const way = returnFrom(view.page, to, view.secretKey);
    return way?.method === "GET" ? redirect(way.url) : messageView(view, 200, message, to);
  };

  function show(view: OpenedView): Reply {
    const moment = pageMoment(state, view.page, now());
    switch (moment.kind) {
      case "open":
        return formView(view, moment.code, keywordsOf(scenario, view.page));
      case "secure":
        return secureView(view);
      case "closed":
        return messageView(view, 410, "closed");
      case "checking":
      case "processing":
      case "paid":
        return messageView(view, 200, moment.kind);
    }
  }

  /** Where the browser goes after a try: to the page while it can be paid or asks something, otherwise back to the shop. */
  async function afterTry(view: OpenedView, plan: Plan): Promise<Reply> {
    await options.wait(plan.page?.returnsAfter ?? 0);
    const { kind } = pageMoment(state, view.page, now());
    if (kind === "open" || kind === "secure") {
      return redirect(pagePath(view.page.id, view.secretKey));
    }
    const fails = kind === "closed" || plan.steps.some(({ does }) => does === "declines");
    return fails
      ? back(view, "failure", kind === "closed" ? "closed" : "declined")
      : back(view, "success", kind === "paid" ? "paid" : "processing");
  }

  async function pay(view: OpenedView, { card, choice }: PageForm): Promise<PageVisit> {
    const { page } = view;
    const next = nextTryPlan(scenario, page, choice);
    if ("unknownKeyword" in next) {
      return { reply: messageView(view, 422, "keyword"), note: "an unknown keyword" };
    }
    const { plan } = next;
    const begun = beginTry(state, page, now(), plan);
    if (typeof begun === "string") {
      return { reply: messageView(view, ...BUSY[begun]), note: `the page takes no try: ${begun}` };
    }
    const declines = begun.check !== null && (await options.declines(begun.check)) ? { declines: "10021" } : {};
    options.send(endTry(state, page, now(), { card, plan, ...declines }));
    const last = page.tries.at(-1)?.plan ?? plan;
    return { reply: await afterTry(view, last), note: `a try with ${card}${choice.length === 0 ? "" : `, ${choice.join(".")}`}` };
  }

  async function secure(view: OpenedView, passes: boolean): Promise<PageVisit> {
    const callbacks = endSecure(state, view.page, now(), passes);
    if (callbacks === null) {
      return { reply: show(view), note: "the page is not at 3-D Secure" };
    }
    options.send(callbacks);
    return {
      reply: await afterTry(view, view.page.tries.at(-1)?.plan ?? { steps: [] }),
      note: `3-D Secure: ${passes ? "passed" : "failed"}`,
    };
  }

  function leave(view: OpenedView): PageVisit {
    const { kind } = pageMoment(state, view.page, now());
    const reply = kind === "open" ? back(view, "failure", "left") : show(view);
    return { reply, note: "the shopper leaves" };
  }

  async function submit(view: OpenedView, contentType: string, body: Uint8Array): Promise<PageVisit> {
    const form = readPageForm(contentType, body);
    if ("httpStatus" in form) {
      return { reply: messageView(view, form.httpStatus, form.message), note: "no form of a page" };
    }
    if (form.token !== formToken(view.page, view.secretKey)) {
      return { reply: messageView(view, 403, "foreign"), note: "the form of another page" };
    }
    return form.step === "pay" ? pay(view, form) : form.step === "leave" ? leave(view) : secure(view, form.step === "confirm");
  }

  return async (request, url, body) => {
    const outage = outageAt(state, now());
    if (outage !== undefined) {
      return { reply: outage.answer === "none" ? null : htmlReply(outage.answer), note: "did not act" };
    }
    if (request.method !== "GET" && request.method !== "POST") {
      return { reply: htmlReply(405, { allow: "GET, POST" }), note: "only GET and POST" };
    }
    const [customer = "", ...others] = url.searchParams.getAll("customer");
    const view = others.length > 0 ? null : pageAt(state, customer, options.secretKeys);
    if (view === null) {
      return { reply: strayView(404, languageOf(request.headers.get("accept-language") ?? ""), "unknown"), note: "no such page" };
    }
    return request.method === "GET"
      ? { reply: show(view), note: "the page" }
      : submit(view, request.headers.get("content-type") ?? "", body);
  };
}
