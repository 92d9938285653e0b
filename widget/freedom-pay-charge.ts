import type { CSSResult, PropertyDeclarations, PropertyValues } from "lit";
import { ReactiveElement } from "lit";
import { runAlone } from "./alone.ts";
import type { AttemptKeys } from "./attempt-key.ts";
import { createAttemptKeys, now, STORAGE_KEY } from "./attempt-key.ts";
import type { ChargeSession } from "./charge-session.ts";
import { createChargeSession } from "./charge-session.ts";
import type { ChargeTokenView } from "./charge-token-view.ts";
import { readChargeToken } from "./charge-token-view.ts";
import { createEdgeClient } from "./edge-client.ts";
import type { ChargeDetail, ElementStatus, ErrorReason } from "./events.ts";
import { EVENT_OF, FreedomPayChangeEvent, FreedomPayErrorEvent, FreedomPaySubmitEvent } from "./events.ts";
import { styles } from "./freedom-pay-charge.styles.ts";
import { LastPress, PRESSES } from "./last-press.ts";
import { chooseLocale } from "./locale.ts";
import { wordsIn } from "./locales/on-demand.ts";
import type { Action } from "./message.ts";
import { messageOf } from "./message.ts";
import type { Fault } from "./page-faults.ts";
import { FAULTS, isAddress, tell, tellOfWishes } from "./page-faults.ts";
import type { Shown } from "./shadow-tree.ts";
import { buildTree } from "./shadow-tree.ts";
import { shownOf } from "./shown.ts";
import type { Spoken } from "./words.ts";

/** How long the element waits for a page that sets its token late, in milliseconds, before it says that there is none. */
const TOKEN_GRACE = 3000;

/** When other words are shown while a charge is at work, and how long after those the next ones, in milliseconds. */
const PATIENCE = 5000;
const MORE_PATIENCE = 25_000;

/**
 * When what is shown may be old: back on line, back from the back/forward cache, back in view (that one bubbles up from the document),
 * a click in another tab.
 */
const AWAKENINGS = ["online", "pageshow", "visibilitychange", "storage"];

const keys: AttemptKeys = createAttemptKeys(
  () => localStorage,
  () => crypto.randomUUID(),
);

/**
 * Charges a customer's stored card: shows what is to be paid, asks the edge on a click, and follows the charge to its end.
 * The class alone: `./define.ts` registers it as `<freedom-pay-charge>`.
 *
 * Events are for the page. Goods are released by the edge's notification or a server's read.
 *
 * @fires {FreedomPaySubmitEvent} freedom-pay-submit - the shopper pressed the button; can be cancelled
 * @fires {FreedomPayReadyEvent} freedom-pay-ready - the order can be paid (`ready`)
 * @fires {FreedomPayProcessingEvent} freedom-pay-processing - asked, not decided (`processing`)
 * @fires {FreedomPayUnconfirmedEvent} freedom-pay-unconfirmed - an answer was lost and is being found out (`unconfirmed`)
 * @fires {FreedomPaySuccessEvent} freedom-pay-success - paid (`succeeded`) or held (`authorized`), also before the page was opened
 * @fires {FreedomPayFailureEvent} freedom-pay-failure - declined, or not taken as far as the gateway says (`failed`); `detail.category` says why
 * @fires {FreedomPayErrorEvent} freedom-pay-error - a trouble on the way; `detail.reason` says which. In any status, and always with `expired`, `conflict`, `unreachable` and `misconfigured`
 * @fires {FreedomPayChangeEvent} freedom-pay-change - the status changed, whichever it is; after the event that names it, where there is one
 * @slot details - what is bought; below the amount
 * @slot consent - the terms; above the button while there is one to pay with
 * @slot label - the words of the button that pays, in place of "Pay" and the amount
 * @slot receipt - shown once the order is paid or the amount is held
 * @slot help - whom to ask; shown when something went wrong or takes time
 * @slot logos - below everything
 * @csspart base - the card that holds everything
 * @csspart order - the order's number
 * @csspart amount - the amount
 * @csspart description - the description
 * @csspart card - the stored card
 * @csspart message - the live region
 * @csspart icon - the message's sign
 * @csspart title - the message's first line
 * @csspart note - the message's second line
 * @csspart button - the button
 * @csspart cancel - the button that takes the first press back, where `confirm` asks for a second one
 * @csspart spinner - in the button, at work
 * @csspart label - in the button
 * @cssprop --freedom-pay-accent - the button, the focus ring and the sign of success
 * @cssprop --freedom-pay-on-accent - text on the accent
 * @cssprop --freedom-pay-text - the text
 * @cssprop --freedom-pay-background - the card that holds everything
 * @cssprop --freedom-pay-border - the colour of the lines
 * @cssprop --freedom-pay-radius - the roundness of the corners; the buttons' are a little less round
 * @cssprop --freedom-pay-font - font families
 * @cssState loading - the edge has not answered yet, or no token has been set yet
 * @cssState ready - the order can be paid
 * @cssState confirming - the shopper has pressed once; nothing is sent before she presses again
 * @cssState processing - asked, not decided
 * @cssState unconfirmed - an answer was lost and is being found out; the shopper is told not to pay again
 * @cssState authorized - the amount is held on the card
 * @cssState succeeded - paid
 * @cssState failed - declined, or not taken as far as the gateway says
 * @cssState reversed - the hold was released
 * @cssState refunded - all of it went back
 * @cssState closed - the order is not paid any more
 * @cssState expired - the token's time is over and the order is not paid
 * @cssState conflict - the order is being paid, or was paid, under other terms than the token's
 * @cssState unreachable - the edge does not answer, and nothing is known
 * @cssState misconfigured - the page or the edge is set up wrongly: the console says how to mend it
 */
export class FreedomPayCharge extends ReactiveElement {
  /** The package's version, so that two copies on one page can be told apart. */
  static readonly version: string = "0.1.0";

  /** Where the edge is when no `endpoint` is set. The script-tag file sets it to where it was loaded from. */
  static defaultEndpoint: string | null = null;

  static override readonly styles: CSSResult = styles;

  static override readonly properties: PropertyDeclarations = {
    endpoint: {},
    token: {},
    locale: {},
    theme: {},
    disabled: { type: Boolean },
    confirm: { type: Boolean },
  };

  /** The edge's address. */
  declare endpoint: string | null;
  /** The charge token. Another one begins anew: nothing is paid under it without a new click. */
  declare token: string | null;
  /** `kk` (or `kz`), `ru` or `en`; otherwise the language of the page, then the browser's, then Russian. */
  declare locale: string | null;
  /** `light` or `dark`; otherwise as the page's `color-scheme`. */
  declare theme: "auto" | "light" | "dark" | null;
  /** Nothing can be pressed. What is under way goes on. Reflected. */
  declare disabled: boolean;
  /** Asks once more: the first press asks, the next one pays. Escape and a button take it back. */
  declare confirm: boolean;

  #session: ChargeSession | null = null;
  /** The {@link FreedomPayCharge.#terms} that were begun with; empty before, and while it is not on a page. */
  #begun = "";
  #view: ChargeTokenView | null = null;
  /** What is wrong with the page, when no session can begin. */
  #fault: Fault | null = null;
  #status: ElementStatus = "loading";
  #reason: ErrorReason | null = null;
  /** How many pauses are over: {@link PATIENCE}, then {@link MORE_PATIENCE} each. */
  #patience = 0;
  /** Waits for a token, or for other words. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting: (() => void)[] = [];
  #internals: ElementInternals | null = null;
  /** What the button does as it is drawn. */
  #action: Action | null = null;
  #spoken: Spoken | null = null;
  #show: (shown: Shown) => void = () => {};
  /** Whether the shopper is being asked to press once more. */
  #isAsking = false;
  readonly #lastPress = new LastPress();

  constructor() {
    super();
    this.endpoint = this.token = this.locale = this.theme = null;
    this.disabled = this.confirm = false;
  }

  /** What the charge is in. Reflected in the attribute `status` and as `:state(…)`. */
  get status(): ElementStatus {
    return this.#status;
  }

  /**
   * Pays, as a press of the button does: for pages with a button of their own. Does nothing unless the shopper has pressed something on
   * the page in the last two minutes, when `disabled`, when the order cannot be paid, or when the token is exchanged meanwhile.
   * A press pays once.
   *
   * @returns what an event tells: how the charge ended, or how it stands where nothing was paid. Settles once it is decided, or the element
   *   was taken out. Never rejects
   */
  async charge(): Promise<ChargeDetail> {
    const terms = this.#terms;
    await this.updateComplete;
    await this.#until(() => this.#status !== "loading");
    if (terms === this.#terms) this.#pay();
    return this.#until(() => !["loading", "confirming", "processing", "unconfirmed"].includes(this.#status));
  }

  /**
   * Asks the edge now how the charge stands.
   *
   * @returns what an event tells: how the charge stands. Settles once the edge has answered, or was found silent. Never rejects
   */
  async refresh(): Promise<ChargeDetail> {
    await this.updateComplete;
    const session = this.#session;
    const answers = session?.answers;
    session?.read();
    return this.#until(() => this.#session !== session || session?.answers !== answers || session === null);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.#internals) {
      this.#internals = this.attachInternals();
      // A press may have brought the element here.
      if (navigator.userActivation?.isActive) this.#lastPress.handleEvent({ isTrusted: true });
    }
    for (const type of AWAKENINGS) addEventListener(type, this.#awake);
    for (const type of PRESSES) addEventListener(type, this.#lastPress, true);
    if (!this.#begun) this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const type of AWAKENINGS) removeEventListener(type, this.#awake);
    for (const type of PRESSES) removeEventListener(type, this.#lastPress, true);
    // Moved within the page, it is back by then and goes on as if nothing had happened.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#end();
      this.#release();
    });
  }

  protected override createRenderRoot(): HTMLElement | DocumentFragment {
    const root = super.createRenderRoot() as ShadowRoot;
    const cancel = (): void => {
      this.#isAsking = false;
      this.#changed();
    };
    this.#show = buildTree(root, () => this.#press(), cancel);
    root.addEventListener("keydown", (event) => (event as KeyboardEvent).key === "Escape" && cancel());
    return root;
  }

  protected override update(changed: PropertyValues): void {
    super.update(changed);
    this.#draw();
  }

  protected override scheduleUpdate(): void {
    // The page hears of a new beginning, and may answer with yet another token.
    while (this.isConnected && this.#terms !== this.#begun) this.#begin();
    super.scheduleUpdate();
  }

  /** What a click is for: where, and which charge. */
  get #terms(): string {
    return [this.endpoint, this.token].join();
  }

  /** Begins anew with the token and the endpoint as they are now. */
  #begin(): void {
    this.#end();
    this.#begun = this.#terms;
    this.#isAsking = false;
    const { token } = this;
    const endpoint = this.endpoint || (this.constructor as typeof FreedomPayCharge).defaultEndpoint;
    this.#view = token ? readChargeToken(token) : null;
    this.#fault = !isSecureContext
      ? "insecure_page"
      : !token
        ? null
        : !this.#view
          ? "token_unreadable"
          : !isAddress(endpoint)
            ? "no_endpoint"
            : null;
    this.#session = null;
    if (this.#fault) tell(FAULTS[this.#fault]);
    else if (token && endpoint && this.#view) {
      const orderId = this.#view.order_id;
      this.#session = createChargeSession(orderId, {
        edge: createEdgeClient({ endpoint, token, orderId }),
        keys,
        alone: (run) => runAlone(`${STORAGE_KEY} ${orderId}`, run),
        now,
        changed: this.#changed,
        warn: tell,
      });
      this.#session.read();
    }
    this.#changed();
    if (this.#begun && !this.#session && !this.#fault)
      this.#timer = setTimeout(() => {
        this.#fault = "no_token";
        tell(FAULTS.no_token);
        this.#changed();
      }, TOKEN_GRACE);
  }

  #end(): void {
    this.#begun = "";
    this.#session?.stop();
    clearTimeout(this.#timer);
  }

  /** Tells the page what is new, and draws it. */
  readonly #changed = (): void => {
    this.#isAsking &&= !!this.#session?.payable;
    const status = this.#fault ? "misconfigured" : this.#isAsking ? "confirming" : (this.#session?.status ?? "loading");
    const reason = this.#fault ?? this.#session?.trouble?.reason ?? null;
    const isNewStatus = status !== this.#status;
    const isNewReason = reason !== this.#reason;
    this.#status = status;
    this.#reason = reason;
    this.setAttribute("status", status);
    try {
      this.#internals?.states.clear();
      this.#internals?.states.add(status);
    } catch {
      // Browsers before 2024 want another syntax of states: there the attribute has to do.
    }
    if (isNewStatus) {
      clearTimeout(this.#timer);
      this.#patience = 0;
      if (status === "processing") this.#timer = setTimeout(this.#grow, PATIENCE);
    }
    this.requestUpdate();
    this.#release();
    const Named = isNewStatus && EVENT_OF[status];
    if (Named) this.dispatchEvent(new Named(this.#detail));
    if (isNewReason && reason) this.dispatchEvent(new FreedomPayErrorEvent(this.#detail));
    if (isNewStatus) this.dispatchEvent(new FreedomPayChangeEvent(this.#detail));
  };

  readonly #grow = (): void => {
    this.#patience += 1;
    this.#timer = setTimeout(this.#grow, MORE_PATIENCE);
    this.requestUpdate();
  };

  get #detail(): ChargeDetail {
    const charge = this.#session?.charge;
    return {
      order_id: this.#view?.order_id ?? null,
      status: this.#status,
      payment_id: charge?.payment_id ?? null,
      category: (this.#status === "failed" && charge?.failure?.category) || null,
      reason: this.#reason,
    };
  }

  /** Waits for a change that makes it so. A page that has taken the element out does not wait. */
  async #until(isSo: () => boolean): Promise<ChargeDetail> {
    while (this.isConnected && !isSo()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#detail;
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** What is shown may be old, unless the page was just loaded or another tab stored something of its own. */
  readonly #awake = ({ persisted, key = STORAGE_KEY }: Event & Partial<PageTransitionEvent & StorageEvent>): void => {
    if (!document.hidden && persisted !== false && key === STORAGE_KEY) this.#session?.read();
  };

  #press(): void {
    if (this.#action === "check_again") void this.refresh();
    else if (this.#action) this.#pay();
  }

  #pay(): void {
    const session = this.#session;
    if (this.disabled || !session?.payable) return;
    if (!this.#lastPress.take()) {
      tell("nothing is paid without a press of the last two minutes.");
      return;
    }
    if (this.confirm && !this.#isAsking) {
      this.#isAsking = true;
      this.#changed();
      return;
    }
    this.#isAsking = false;
    // The page may exchange the token while it hears of the click: then the click was for another one.
    if (this.dispatchEvent(new FreedomPaySubmitEvent(this.#detail)) && this.#terms === this.#begun && this.#session === session)
      void session.pay();
    else this.#changed();
  }

  #draw(): void {
    tellOfWishes(this.locale, this.theme);
    const locale = chooseLocale([
      this.locale,
      this.closest<HTMLElement>("[lang]")?.lang,
      document.documentElement.lang,
      ...navigator.languages,
    ]);
    this.#spoken = wordsIn(locale, this.#spoken, () => this.requestUpdate());
    const situation = {
      status: this.#status,
      charge: this.#session?.charge ?? null,
      token: this.#view,
      trouble: this.#session?.trouble ?? null,
      patience: this.#patience,
      isOffline: !navigator.onLine,
    };
    const message = messageOf(situation, this.#spoken);
    this.#action = message.tone === "busy" ? null : message.action;
    this.toggleAttribute("disabled", this.disabled);
    this.#show(shownOf(situation, message, this.#spoken, this));
  }
}
