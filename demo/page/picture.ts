import type { Exchange } from "../exchange.ts";
import { listen, make, renderRows } from "./exchanges.ts";
import { words } from "./language.ts";
import type { Happening, Step } from "./steps.ts";
import { happeningsOf, PARTIES, STEPS, statusIn } from "./steps.ts";

/** The live picture: the parties of a charge, and between them each step as it happens. */
export interface Picture {
  /** Writes it anew, in the page's language. */
  render(): void;
}

/** Between two steps at least, in milliseconds: faster than that nobody sees which came first. */
const BEAT = 400;

/** For how long nothing must happen before the whole is said aloud, in milliseconds. */
const QUIET = 1_800;

const TONES: Readonly<Record<string, string>> = { succeeded: "fine", authorized: "fine", failed: "fault" };

/** Draws the picture into the page and keeps it true. */
export function createPicture(): Picture {
  const seen = new Map<string, Happening>();
  let waiting: Happening[] = [];
  let playing: ReturnType<typeof setTimeout> | undefined;
  let quiet: ReturnType<typeof setTimeout> | undefined;
  let now: Step | null = null;
  let chosen: Step | null = null;
  /** What began before is history and is shown at once. */
  let since = Date.now();

  const arrows = new Map(Object.keys(STEPS).map((name) => [name as Step, arrow(name as Step, choose)] as const));
  byId("arrows").replaceChildren(...[...arrows.values()].map(({ item }) => item));

  function take(exchange: Exchange | null): void {
    if (exchange === null) {
      seen.clear();
      waiting = [];
      now = chosen = null;
      since = Date.now();
      render();
      return;
    }
    for (const happening of happeningsOf(exchange)) {
      if (seen.has(nameOf(happening)) || happening.at < since) seen.set(nameOf(happening), happening);
      else waiting = [...waiting.filter((other) => nameOf(other) !== nameOf(happening)), happening];
    }
    render();
    if (waiting.length > 0 && playing === undefined) playing = setTimeout(play, BEAT / 2);
  }

  /** Shows the earliest that waits, then the next after a beat. */
  function play(): void {
    const [next, ...later] = waiting.toSorted((one, other) => one.at - other.at);
    waiting = later;
    now = next?.step ?? null;
    playing = next === undefined ? undefined : setTimeout(play, BEAT);
    if (next !== undefined) seen.set(nameOf(next), next);
    render();
    clearTimeout(quiet);
    quiet = setTimeout(say, QUIET);
  }

  /** Once for all that happened, not once a step. */
  function say(): void {
    const steps = new Set([...seen.values()].map(({ step }) => step)).size;
    byId("heard").textContent = words().seen(steps, arrows.size, words().statuses[status()] ?? "");
  }

  function choose(step: Step): void {
    chosen = chosen === step ? null : step;
    byId("chosen").replaceChildren();
    render();
  }

  function happened(step: Step): Happening[] {
    return [...seen.values()].filter((happening) => happening.step === step).sort((one, other) => one.at - other.at);
  }

  /** The charge's, as far as the picture has come. */
  function status(): string {
    const last = happened("state").at(-1);
    const click = happened("charge").at(-1);
    if (click !== undefined && click.at > (last?.at ?? 0)) return "processing";
    return (last && statusIn(last.exchange)) ?? "ready";
  }

  function render(): void {
    const said = words();
    byId("nodes").replaceChildren(
      ...PARTIES.map((party) =>
        make("li", { "data-party": party }, [make("strong", {}, [said.parties[party]]), make("span", {}, [said.roles[party]])]),
      ),
    );
    for (const [step, { draw }] of arrows) draw(happened(step), step === now, step === chosen);
    byId("live-state").textContent = said.statuses[status()] ?? status();
    byId("live-state").dataset["tone"] = TONES[status()] ?? "wait";
    renderChosen();
  }

  function renderChosen(): void {
    const panel = byId("chosen");
    const said = words();
    if (chosen === null) {
      panel.replaceChildren(make("p", { class: "muted" }, [said.pictureHint]));
      return;
    }
    const exchanges = happened(chosen).map(({ exchange }) => exchange);
    const list = panel.querySelector("ol") ?? make("ol", {}, []);
    const [name, note] = said.steps[chosen];
    const title = panel.querySelector("h3") ?? make("h3", {}, []);
    const text = panel.querySelector("p.note") ?? make("p", { class: "note" }, []);
    title.textContent = name;
    text.textContent = note;
    if (list.parentElement !== panel) panel.replaceChildren(title, text, list);
    renderRows(list as HTMLElement, exchanges, exchanges.at(-1));
  }

  listen(take);
  return { render };
}

/** One exchange told twice, when it begins and when it is over, is one. */
function nameOf({ step, exchange: { at, method, path, headers } }: Happening): string {
  return [step, at, method, path, headers.find(([name]) => name === "x-request-id")?.[1]].join(" ");
}

interface Arrow {
  readonly item: HTMLElement;
  draw(happened: readonly Happening[], isNow: boolean, isChosen: boolean): void;
}

/** One step: a button that is as long as the way from one party to the other. */
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
    draw: (happened, isNow, isChosen) => {
      const said = words();
      const last = happened.at(-1);
      name.textContent = said.steps[step][0];
      way.textContent = `${said.parties[from]} → ${said.parties[to]}`;
      facts.textContent =
        last === undefined
          ? said.notYet
          : [...(happened.length > 1 ? [`×${happened.length}`] : []), clock(last.at), cost(last)].join(" · ");
      item.dataset["state"] = last === undefined ? "idle" : isNow ? "now" : "seen";
      button.setAttribute("aria-expanded", String(isChosen));
    },
  };
}

function clock(at: number): string {
  return new Date(at).toLocaleTimeString("en-GB", { hour12: false });
}

/** How long it took; dots while the page's own request is still under way. */
function cost({ exchange: { from, answer, milliseconds, givenUp } }: Happening): string {
  if (answer !== null) return `${milliseconds} ms`;
  if (from === "browser" && milliseconds === 0) return "…";
  return givenUp ? words().givenUp : words().noAnswer;
}

function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no #${id}`);
  return element;
}
