/** The shoppers on the payment pages of one gateway: the package's simulator keeps the pages, and this plays the visits in virtual time. */
import type { ModelState, PlannedCallback, SimulatedPage } from "../../src/simulator/index.ts";
import { beginTry, endSecure, endTry, pageMoment } from "../../src/simulator/index.ts";
import type { OddNotice, Visit } from "./page-visit.ts";
import type { Schedule } from "./schedule.ts";
import type { CallbackAnswer, SimulationEvent } from "./simulation-event.ts";
import { SECOND } from "./scenario.ts";

/** A check that is not answered for so long is a refusal. */
const CHECK_TAKES = 20 * SECOND;

/** Profiles that no card has which is paid with here. */
const FORGED_PROFILE = "4040404040";

/** What the shoppers need of their gateway. */
export interface PageGateway {
  readonly schedule: Schedule;
  readonly honorsCheck: boolean;
  latency(): number;
  /** Whether the gateway answers nobody now. */
  isOut(): boolean;
  /** Lets the gateway do what is due. */
  progress(): void;
  /** Changes the gateway's books, and sends the callbacks that follow. */
  change(act: () => readonly PlannedCallback[]): void;
  /** Sends a check. */
  ask(check: PlannedCallback): Promise<CallbackAnswer>;
  /** A browser comes back to the shop. */
  returned(page: SimulatedPage, by: "paid" | "failed"): void;
  emit(event: SimulationEvent): void;
}

/** The shoppers of a gateway. */
export class PageShoppers {
  readonly #gateway: PageGateway;
  readonly #model: ModelState;

  constructor(gateway: PageGateway, model: ModelState) {
    this.#gateway = gateway;
    this.#model = model;
  }

  /** The page with this address; undefined if it is none of this gateway's. */
  pageAt(address: string): SimulatedPage | undefined {
    const id = new URL(address).searchParams.get("customer")?.split(".")[0] ?? "";
    return this.#model.pages.get(id);
  }

  /** The page's address was given away: its visits begin. */
  visit(page: SimulatedPage, visits: readonly Visit[]): void {
    for (const one of visits) this.#gateway.schedule.after(one.after, () => this.#come(page, one));
  }

  #come(page: SimulatedPage, visit: Visit): void {
    const { schedule } = this.#gateway;
    this.#gateway.progress();
    if (this.#gateway.isOut()) return;
    if (visit.plan === null) {
      this.#return(page, visit, "failed");
      return;
    }
    const begun = beginTry(this.#model, page, schedule.now, visit.plan);
    if (typeof begun === "string") {
      this.#gateway.emit({ type: "page_tried", page: page.id, outcome: `refused: ${begun}` });
      if (begun === "paid" || begun === "closed") this.#return(page, visit, begun === "paid" ? "paid" : "failed");
    } else if (begun.check === null) this.#end(page, visit, false);
    else this.#ask(page, visit, begun.check);
  }

  #ask(page: SimulatedPage, visit: Visit, check: PlannedCallback): void {
    const { schedule, honorsCheck } = this.#gateway;
    let isEnded = false;
    const end = (answer: CallbackAnswer): void => {
      if (isEnded) return;
      isEnded = true;
      this.#gateway.emit({ type: "check_ended", page: page.id, tryId: check.facts.id, answer, stops: honorsCheck });
      this.#end(page, visit, answer !== "ok" && honorsCheck);
    };
    schedule.after(CHECK_TAKES, () => end("unanswered"));
    schedule.after(this.#gateway.latency(), () => {
      void this.#gateway.ask(check).then((answer) => schedule.after(this.#gateway.latency(), () => end(answer)));
    });
  }

  #end(page: SimulatedPage, visit: Visit, isRefused: boolean): void {
    const { schedule } = this.#gateway;
    const { plan, card } = visit;
    if (plan === null) return;
    this.#gateway.progress();
    this.#gateway.change(() =>
      withNotices(endTry(this.#model, page, schedule.now, { card, plan, ...(isRefused ? { declines: "10021" } : {}) }), page, visit),
    );
    this.#gateway.emit({ type: "page_tried", page: page.id, outcome: isRefused ? "stopped by the check" : "tried" });
    const isSecure = page.tries.at(-1)?.isAtSecure === true;
    if (!isSecure) this.#return(page, visit, this.#outcome(page));
    else if (visit.secure !== null) schedule.after(visit.secure.after, () => this.#endSecure(page, visit));
  }

  #endSecure(page: SimulatedPage, visit: Visit): void {
    const { schedule } = this.#gateway;
    this.#gateway.progress();
    this.#gateway.change(() => {
      const callbacks = endSecure(this.#model, page, schedule.now, visit.secure?.passes === true);
      return callbacks === null ? [] : withNotices(callbacks, page, visit);
    });
    this.#return(page, visit, this.#outcome(page));
  }

  /** The address that the page sends the browser to. */
  #outcome(page: SimulatedPage): "paid" | "failed" {
    const { kind } = pageMoment(this.#model, page, this.#gateway.schedule.now);
    return kind === "paid" || kind === "processing" ? "paid" : "failed";
  }

  #return(page: SimulatedPage, { returns }: Visit, told: "paid" | "failed"): void {
    if (returns === null) return;
    const by = returns.by === "as told" ? told : returns.by;
    this.#gateway.schedule.after(returns.after, () => this.#gateway.returned(page, by));
  }
}

/** The results of a try, with the odd ones of a visit. */
function withNotices(results: readonly PlannedCallback[], page: SimulatedPage, { notices }: Visit): readonly PlannedCallback[] {
  const has = (notice: OddNotice): boolean => notices.includes(notice);
  const isSaved = page.parsed.create.source.lifetime !== null;
  const told = results.map((result) => {
    const { id, status } = result.facts;
    const isDecline = status === "error";
    const named =
      isDecline && isSaved && has("a profile of a decline")
        ? `5${id}`
        : !isDecline && !isSaved && has("a profile that nobody asked for")
          ? `8${id}`
          : null;
    const replayed = has("replayed to another attempt") ? { replayed: true } : {};
    return { ...(named === null ? result : naming(result, named)), ...replayed };
  });
  const [first] = told;
  const forged =
    first === undefined || !has("a forged profile")
      ? []
      : [
          {
            ...naming(first, FORGED_PROFILE),
            forged: true,
            facts: { ...naming(first, FORGED_PROFILE).facts, status: "success", code: null },
          },
        ];
  return [...forged, ...told];
}

function naming(result: PlannedCallback, profileId: string): PlannedCallback {
  const { pg_recurring_profile: _, ...more } = result.facts.more ?? {};
  return { ...result, facts: { ...result.facts, more: { ...more, pg_recurring_profile_id: profileId } } };
}
