import type { Exchange } from "../exchange.ts";
import type { ElementStatus } from "../../widget/events.ts";
import { listen, make, renderRows } from "./exchanges.ts";
import { texts } from "./language.ts";
import type { StepEvent, Step } from "./steps.ts";
import { PAGE_STEPS, PARTIES, stepEventsOf, STEPS } from "./steps.ts";

/** The live picture: the parties of a charge, and each step between them as it happens. */
export interface Picture {
  /** Renders it again in the page's language. */
  render(): void;
  /** Shows the element's status at once, also while the steps that led to it are still to be shown. */
  showStatus(status: ElementStatus): void;
  /** Shows the steps of a payment page, or leaves them out. */
  showPage(isPage: boolean): void;
}

/** Minimum milliseconds between two steps. At a faster rate the order of the steps is not visible. */
const STEP_INTERVAL = 400;

/** Milliseconds without a step before screen readers announce a summary. */
const ANNOUNCE_DELAY = 1_800;

const TONES: Readonly<Partial<Record<ElementStatus, string>>> = {
  succeeded: "fine",
  authorized: "fine",
  failed: "fault",
  conflict: "fault",
  unreachable: "fault",
};

/** Renders the picture into the page and updates it. */
export function createPicture(): Picture {
  const shown = new Map<string, StepEvent>();
  let queued: StepEvent[] = [];
  let showTimer: ReturnType<typeof setTimeout> | undefined;
  let announceTimer: ReturnType<typeof setTimeout> | undefined;
  let current: Step | null = null;
  let chosen: Step | null = null;
  let status: ElementStatus = "loading";
  /** Steps from before this time are shown without delay. */
  let since = Date.now();

  const arrows = new Map(Object.keys(STEPS).map((name) => [name as Step, arrow(name as Step, choose)] as const));
  let isPage = false;

  function onExchange(exchange: Exchange | null): void {
    if (exchange === null) {
      shown.clear();
      queued = [];
      current = chosen = null;
      since = Date.now();
      render();
      return;
    }
    for (const event of stepEventsOf(exchange)) {
      if (shown.has(nameOf(event)) || event.at < since) shown.set(nameOf(event), event);
      else queued = [...queued.filter((other) => nameOf(other) !== nameOf(event)), event];
    }
    render();
    if (queued.length > 0 && showTimer === undefined) showTimer = setTimeout(showNext, STEP_INTERVAL / 2);
  }

  /** Shows the earliest queued step, and the next one after an interval. */
  function showNext(): void {
    const [next, ...later] = queued.toSorted((one, other) => one.at - other.at);
    queued = later;
    current = next?.step ?? null;
    showTimer = next === undefined ? undefined : setTimeout(showNext, STEP_INTERVAL);
    if (next !== undefined) shown.set(nameOf(next), next);
    render();
    clearTimeout(announceTimer);
    announceTimer = setTimeout(announce, ANNOUNCE_DELAY);
  }

  /** Announces one summary, not one text per step. */
  function announce(): void {
    const steps = new Set([...shown.values()].map(({ step }) => step)).size;
    byId("announcement").textContent = texts().summary(steps, visible().length, texts().statuses[status]);
  }

  /** The arrows of this kind of payment. */
  function visible(): readonly Arrow[] {
    return [...arrows].filter(([step]) => isPage || !PAGE_STEPS.includes(step)).map(([, shownArrow]) => shownArrow);
  }

  function showArrows(): void {
    byId("arrows").replaceChildren(...visible().map(({ item }) => item));
  }

  function showPage(next: boolean): void {
    if (next === isPage) return;
    isPage = next;
    showArrows();
  }

  function choose(step: Step): void {
    chosen = chosen === step ? null : step;
    byId("chosen").replaceChildren();
    render();
  }

  function eventsOf(step: Step): StepEvent[] {
    return [...shown.values()].filter((event) => event.step === step).sort((one, other) => one.at - other.at);
  }

  function showStatus(next: ElementStatus): void {
    status = next;
    renderStatus();
  }

  function renderStatus(): void {
    const state = byId("live-state");
    state.textContent = texts().statuses[status];
    state.dataset["tone"] = TONES[status] ?? "wait";
  }

  function render(): void {
    const text = texts();
    byId("nodes").replaceChildren(
      ...PARTIES.map((party) =>
        make("li", { "data-party": party }, [make("strong", {}, [text.parties[party]]), make("span", {}, [text.roles[party]])]),
      ),
    );
    for (const [step, { draw }] of arrows) draw(eventsOf(step), step === current, step === chosen);
    renderStatus();
    renderChosen();
  }

  function renderChosen(): void {
    const panel = byId("chosen");
    const labels = texts();
    if (chosen === null) {
      panel.replaceChildren(make("p", { class: "muted" }, [labels.pictureHint]));
      return;
    }
    const exchanges = eventsOf(chosen).map(({ exchange }) => exchange);
    const list = panel.querySelector("ol") ?? make("ol", {}, []);
    const [name, note] = labels.steps[chosen];
    const title = panel.querySelector("h3") ?? make("h3", {}, []);
    const paragraph = panel.querySelector("p.note") ?? make("p", { class: "note" }, []);
    title.textContent = name;
    paragraph.textContent = note;
    if (list.parentElement !== panel) panel.replaceChildren(title, paragraph, list);
    renderRows(list as HTMLElement, exchanges, exchanges.at(-1));
  }

  showArrows();
  listen(onExchange);
  return { render, showStatus, showPage };
}

/** The key of a step. An exchange is reported at its start and at its end, both times with the same key. */
function nameOf({ step, exchange: { at, method, path, headers } }: StepEvent): string {
  return [step, at, method, path, headers.find(([name]) => name === "x-request-id")?.[1]].join(" ");
}

interface Arrow {
  readonly item: HTMLElement;
  draw(events: readonly StepEvent[], isCurrent: boolean, isChosen: boolean): void;
}

/** One step: a button with an arrow from one party to another. */
function arrow(step: Step, choose: (step: Step) => void): Arrow {
  const [from, to] = STEPS[step];
  const name = make("span", { class: "name" }, []);
  const way = make("span", { class: "way" }, []);
  const facts = make("span", { class: "facts-of" }, []);
  const line = make("span", { class: "line", "aria-hidden": "true" }, []);
  const button = make("button", { type: "button", "aria-controls": "chosen" }, [name, way, line, facts]);
  button.addEventListener("click", () => choose(step));
  const item = make("li", { "data-step": step, "data-way": `${from}-${to}` }, [button]);
  return {
    item,
    draw: (events, isCurrent, isChosen) => {
      const text = texts();
      const last = events.at(-1);
      name.textContent = text.steps[step][0];
      way.textContent = `${text.parties[from]} → ${text.parties[to]}`;
      facts.textContent =
        last === undefined
          ? text.notYet
          : [...(events.length > 1 ? [`×${events.length}`] : []), clock(last.at), durationText(last)].join(" · ");
      item.dataset["state"] = last === undefined ? "idle" : isCurrent ? "now" : "seen";
      button.setAttribute("aria-expanded", String(isChosen));
    },
  };
}

function clock(at: number): string {
  return new Date(at).toLocaleTimeString("en-GB", { hour12: false });
}

/** The duration; dots while the page's own request is pending. */
function durationText({ exchange: { from, answer, milliseconds, aborted: givenUp } }: StepEvent): string {
  if (answer !== null) return `${milliseconds} ms`;
  if (from === "browser" && milliseconds === 0) return "…";
  return givenUp ? texts().aborted : texts().noAnswer;
}

function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}`);
  return element;
}
