import type { CSSResult, PropertyDeclarations, PropertyValues, TemplateResult } from "lit";
import { LitElement } from "lit";
import { adoptStylesIn } from "./adopt-styles.ts";
import { createAttemptKeys, newAttemptKey, STORAGE_KEY } from "./attempt-key.ts";
import { ChargeSession } from "./charge-session.ts";
import { readChargeToken } from "./charge-token-view.ts";
import { now } from "./clock.ts";
import { createEdgeClient } from "./edge-client.ts";
import type { ElementState } from "./element-state.ts";
import { detailOf, INITIAL_STATE, nextState } from "./element-state.ts";
import type { ChargeDetail, ElementStatus, PressError } from "./events.ts";
import { EVENT_OF, FreedomPayChangeEvent, FreedomPayErrorEvent, FreedomPaySubmitEvent } from "./events.ts";
import { styles } from "./freedom-pay-charge.styles.ts";
import { LastPress } from "./last-press.ts";
import { withLock } from "./lock.ts";
import { configurationErrorOf, report, reportOnce, reportUnknownSettings, TEXTS } from "./page-errors.ts";
import { mayLeave } from "./payment-page.ts";
import { localeAround, observeSurroundings } from "./surroundings.ts";
import { template } from "./template.ts";
import type { ViewModel } from "./view-model.ts";
import { viewModelOf } from "./view-model.ts";
import type { Localize, Localized } from "./words.ts";

/** How long the element waits for a page that sets its token late, in milliseconds, before it says that there is none. */
const TOKEN_GRACE = 3000;

/** When a charge at work brings its first notice, and how long after that the next ones, in milliseconds. */
const SLOW_NOTICE = 5000;
const NEXT_SLOW_NOTICE = 25_000;

const keys = createAttemptKeys(() => localStorage, newAttemptKey);

/**
 * Charges a customer's stored card: shows what is to be paid, asks the edge to take it on a press, and follows the charge to its end.
 * The class alone: `freedom-pay-charge.ts` and `cdn.ts` give it its words, `define.ts` registers it as `<freedom-pay-charge>`.
 *
 * Events are for the page. Goods are released by the edge's notification or a server's read.
 *
 * @fires {FreedomPaySubmitEvent} freedom-pay-submit - the shopper pressed the button; can be cancelled
 * @fires {FreedomPayReadyEvent} freedom-pay-ready - the order can be paid (`ready`)
 * @fires {FreedomPayProcessingEvent} freedom-pay-processing - asked, not decided (`processing`)
 * @fires {FreedomPayRedirectEvent} freedom-pay-redirect - a press has opened Freedom Pay's page, and the browser is going there (`redirecting`); can be cancelled, then a link leads there. `detail.url` is the page
 * @fires {FreedomPayUnconfirmedEvent} freedom-pay-unconfirmed - an answer was lost; what became of the payment is being found out (`unconfirmed`)
 * @fires {FreedomPaySuccessEvent} freedom-pay-success - paid (`succeeded`) or held (`authorized`), also before the page was opened
 * @fires {FreedomPayFailureEvent} freedom-pay-failure - declined, or not taken as far as the gateway says (`failed`); `detail.category` says why
 * @fires {FreedomPayErrorEvent} freedom-pay-error - an error on the way, a press that was not carried out too; `detail.reason` says which. In any status, and always with `expired`, `conflict`, `unreachable` and `misconfigured`
 * @fires {FreedomPayChangeEvent} freedom-pay-change - the status changed, whichever it is; after the event that names it, where there is one
 * @slot details - what is bought; below the amount
 * @slot consent - the terms; above the button while there is one to pay with
 * @slot label - the words of the button that pays, in place of "Pay" and the amount
 * @slot receipt - shown once the order is paid or the amount is held
 * @slot help - where to get help; shown when something went wrong or takes time
 * @slot logos - below everything
 * @csspart base - the card that holds everything
 * @csspart order - the order's number
 * @csspart amount - the amount
 * @csspart description - the description
 * @csspart card - the stored card
 * @csspart page - where the card is entered, and whether it is saved
 * @csspart message - the live region
 * @csspart icon - the message's icon
 * @csspart title - the message's first line
 * @csspart note - the message's second line
 * @csspart button - the button
 * @csspart continue - the link to Freedom Pay's page, in the button's place while the page is open
 * @csspart cancel - the button that withdraws the first press, where `confirm` asks for a second one
 * @csspart spinner - in the button, at work
 * @csspart label - in the button
 * @cssprop --freedom-pay-accent - the button, the focus ring and the check mark of a paid order
 * @cssprop --freedom-pay-on-accent - text on the accent
 * @cssprop --freedom-pay-text - the text
 * @cssprop --freedom-pay-background - the card that holds everything
 * @cssprop --freedom-pay-border - the colour of the lines
 * @cssprop --freedom-pay-radius - the roundness of the corners; the buttons' are a little less round
 * @cssprop --freedom-pay-font - font families
 * @cssState loading - the edge has not answered yet, or no token has been set yet
 * @cssState ready - the order can be paid
 * @cssState confirming - the shopper has pressed once; nothing is sent before they press again
 * @cssState processing - asked, not decided
 * @cssState redirecting - a press has opened Freedom Pay's page, and the browser is going there
 * @cssState unconfirmed - an answer was lost; what became of the payment is being found out, and the shopper is told not to pay again
 * @cssState authorized - the amount is held on the card
 * @cssState succeeded - paid
 * @cssState failed - declined, or not taken as far as the gateway says
 * @cssState reversed - the hold was released
 * @cssState refunded - the whole amount was refunded
 * @cssState closed - the order is not paid any more
 * @cssState expired - the token has expired and the order is not paid
 * @cssState conflict - the order is being paid, or was paid, under other terms than the token's
 * @cssState unreachable - the edge does not answer, and nothing is known
 * @cssState misconfigured - the page or the edge is set up wrongly: the console says how to fix it
 */
export class FreedomPayCharge extends LitElement {
  /** The package's version, so that two copies on one page can be told apart. */
  static readonly version: string = "0.1.0";

  /** The edge's address when no `endpoint` is set. The script-tag file sets it to the edge that served it. */
  static defaultEndpoint: string | null = null;

  /** Where its words come from: set by the entry that the page has loaded. */
  declare static localize: Localize;

  static override readonly styles: CSSResult = styles;

  /** Tells `@lit-labs/ssr` to leave the tag as it stands: what is between its tags is seen until the script has run. */
  static override readonly _$litElement$: boolean = false;

  static override readonly properties: PropertyDeclarations = {
    endpoint: {},
    token: {},
    locale: {},
    theme: {},
    disabled: { type: Boolean, reflect: true },
    confirm: { type: Boolean },
  };

  /** The edge's address. */
  declare endpoint: string | null;
  /** The charge token. After it was changed, nothing is paid without a new press. */
  declare token: string | null;
  /** `kk` (or `kz`), `ru` or `en`; otherwise the language that `:lang()` finds around it, then the page's, then the browser's, then Russian. */
  declare locale: string | null;
  /** `light` or `dark`; otherwise as the page's `color-scheme`. */
  declare theme: "auto" | "light" | "dark" | null;
  /** Nothing can be pressed. What is under way goes on. Reflected. */
  declare disabled: boolean;
  /** Asks once more: the first press asks, the next one pays. Escape and a second button withdraw the first. */
  declare confirm: boolean;

  #state: ElementState = INITIAL_STATE;
  #session: ChargeSession | null = null;
  /** What was begun with; empty before, and while the element is not on a page. */
  #begunTerms = "";
  #view: ViewModel | null = null;
  #localized: Localized | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Called after the next change. */
  #waiting: (() => void)[] = [];
  #internals: ElementInternals | null = null;
  readonly #lastPress = new LastPress();
  #stopObserving: (() => void) | null = null;

  constructor() {
    super();
    this.endpoint = this.token = this.locale = this.theme = null;
    this.disabled = this.confirm = false;
  }

  /** `status` is repaired when something strips it, as a library does that makes the page like the server's HTML. */
  static override get observedAttributes(): string[] {
    // biome-ignore lint/complexity/noThisInStatic: Lit prepares the class that is asked
    return [...super.observedAttributes, "status"];
  }

  /** The charge's status, or why there is none. Reflected in the attribute `status` and as `:state(…)`. */
  get status(): ElementStatus {
    return this.#state.status;
  }

  /**
   * Pays, as a press of the button does: for pages with a button of their own. It needs a press of the shopper's on the page in the last
   * two minutes, and each press pays once. Without one, while `disabled`, or if the token changes meanwhile, nothing is paid, and the event
   * `freedom-pay-error` says why.
   *
   * @returns {Promise<ChargeDetail>} the content of an event: how the charge ended, or its state where nothing was paid. Settles once it is decided, or the element
   *   was taken out. Never rejects
   */
  async charge(): Promise<ChargeDetail> {
    const terms = this.#terms;
    await this.updateComplete;
    await this.#until(() => this.status !== "loading");
    if (terms === this.#terms) this.#pay();
    else await this.#rejectUnderOtherTerms();
    return this.#until(() => !["loading", "confirming", "processing", "redirecting", "unconfirmed"].includes(this.status));
  }

  /**
   * Asks the edge now how the charge stands.
   *
   * @returns {Promise<ChargeDetail>} the content of an event: the state of the charge. Settles once the edge has answered, or did not. Never rejects
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
    adoptStylesIn(this.renderRoot as ShadowRoot);
    // A press may have brought the element here: one in an iframe activates the page around it too.
    if (!this.hasUpdated && navigator.userActivation?.isActive) this.#lastPress.handleEvent({ isTrusted: true });
    this.#stopObserving = observeSurroundings(this, this.#lastPress, {
      onStale: () => {
        this.#onStillHere();
        this.#session?.read(false);
      },
      onHidden: () => this.#session?.suspend(),
      onLanguage: () => this.requestUpdate(),
      onEscape: this.#cancel,
    });
    // The language around it may be another one, and it may have been taken out for a while.
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stopObserving?.();
    // An element that was moved is back by then, and goes on.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#end();
      this.#release();
    });
  }

  override attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (name !== "status") super.attributeChangedCallback(name, before, value);
    else if (value !== this.status && this.#begunTerms) this.setAttribute("status", this.status);
  }

  protected override createRenderRoot(): ShadowRoot {
    // Not Lit's way: its style sheet belongs to the document of the script, and the element may be in an iframe's. See adoptStylesIn().
    return this.shadowRoot ?? this.attachShadow({ mode: "open" });
  }

  protected override willUpdate(): void {
    // The page is told of a new beginning, and may answer with another token.
    while (this.isConnected && this.#terms !== this.#begunTerms) this.#begin();
  }

  protected override update(changed: PropertyValues): void {
    const root = this.renderRoot as ShadowRoot;
    const focused = root.activeElement as HTMLElement | null;
    super.update(changed);
    if (!focused?.hidden) return;
    // The focused button is gone: the other one is next, or the link, or the message.
    (root.querySelector<HTMLElement>("[part=button]:not([hidden]),a[href]") ?? root.querySelector<HTMLElement>("[part=message]"))?.focus();
  }

  protected override render(): TemplateResult {
    reportUnknownSettings(this.locale, this.theme);
    const { localize } = this.constructor as typeof FreedomPayCharge;
    this.#localized = localize(localeAround(this), this.#localized, () => this.requestUpdate());
    const situation = { ...this.#state, isOffline: navigator.onLine === false, isPageOver: this.#state.pageEnd < Date.now() };
    this.#view = viewModelOf(situation, this.#localized, this);
    return template(this.#view, this.#onPress, this.#cancel);
  }

  /** What a press pays: at which edge, and which charge. */
  get #terms(): string {
    return [this.endpoint, this.token].join();
  }

  /** Begins anew with the token and the endpoint as they are now. */
  #begin(): void {
    this.#end();
    this.#begunTerms = this.#terms;
    const endpoint = this.endpoint || (this.constructor as typeof FreedomPayCharge).defaultEndpoint;
    const token = this.token ? readChargeToken(this.token) : null;
    const configurationError = configurationErrorOf(this.token, token !== null, endpoint);
    if (configurationError) reportOnce(TEXTS[configurationError]);
    this.#session = null;
    if (this.token && token && endpoint && !configurationError) {
      const orderId = token.order_id;
      this.#session = new ChargeSession(orderId, {
        edge: createEdgeClient({ endpoint, token: this.token, orderId }),
        keys,
        lock: (run) => withLock(`${STORAGE_KEY} ${orderId}`, run),
        now,
        isHidden: () => this.ownerDocument.hidden,
        onChange: (hasOpened) => this.#sync(hasOpened ? { isLeaving: mayLeave(this, this.#lastPress) } : {}),
        warn: reportOnce,
        warnOfPress: report,
      });
      this.#session.read();
    }
    this.#sync({ token, configurationError, isAsking: false, isLeaving: false, pageEnd: 0, pressError: null, isChecking: false });
    if (this.#begunTerms && !this.#session && !configurationError) this.#timer = setTimeout(this.#onNoToken, TOKEN_GRACE);
  }

  readonly #onNoToken = (): void => {
    reportOnce(TEXTS.no_token);
    this.#sync({ configurationError: "no_token" });
  };

  #end(): void {
    this.#begunTerms = "";
    this.#session?.stop();
    clearTimeout(this.#timer);
  }

  /** Brings the state up to date, with a change of the element's own or without, and tells the page and the shopper. */
  #sync(patch: Parameters<typeof nextState>[1] = {}): void {
    const before = this.#state;
    const state = nextState(before, patch, this.#session);
    this.#state = state;
    const isNewStatus = state.status !== before.status;
    this.setAttribute("status", state.status);
    try {
      this.#internals ??= this.attachInternals();
      this.#internals.states.clear();
      this.#internals.states.add(state.status);
    } catch {
      // Browsers before 2024 have no states, or want another syntax of them: there the attribute has to do.
    }
    if (isNewStatus) {
      clearTimeout(this.#timer);
      if (state.status === "processing") this.#timer = setTimeout(this.#onSlow, SLOW_NOTICE);
      if (state.isLeaving) this.#timer = setTimeout(this.#onStillHere, SLOW_NOTICE);
    }
    this.requestUpdate();
    this.#release();
    const Named = isNewStatus && EVENT_OF[state.status];
    const isAllowed = !Named || this.dispatchEvent(new Named(detailOf(this.#state)));
    if (state.reason && state.reason !== before.reason) this.dispatchEvent(new FreedomPayErrorEvent(detailOf(this.#state)));
    if (isNewStatus) this.dispatchEvent(new FreedomPayChangeEvent(detailOf(this.#state)));
    if (isNewStatus && state.isLeaving) this.#leave(isAllowed);
  }

  /** Goes to the page, unless the page around the element has prevented it, or changed what is paid. */
  #leave(isAllowed: boolean): void {
    const { isLeaving, pageAddress } = this.#state;
    const isMeant = isLeaving && isAllowed && this.#terms === this.#begunTerms && mayLeave(this, this.#lastPress);
    if (isMeant) this.ownerDocument.defaultView?.location.assign(pageAddress);
    else this.#onStillHere();
  }

  readonly #onStillHere = (): void => this.#sync({ isLeaving: false });

  readonly #onSlow = (): void => {
    this.#timer = setTimeout(this.#onSlow, NEXT_SLOW_NOTICE);
    this.#sync({ slowNotices: this.#state.slowNotices + 1 });
  };

  /** Waits for a change that makes it so. A page that has taken the element out does not wait. */
  async #until(isSo: () => boolean): Promise<ChargeDetail> {
    while (this.isConnected && !isSo()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return detailOf(this.#state);
  }

  readonly #release = (): void => this.#waiting.splice(0).forEach((resolve) => void resolve());

  /** Withdraws the first press. @returns false where nothing was asked */
  readonly #cancel = (): boolean => {
    const { isAsking } = this.#state;
    if (isAsking) this.#sync({ isAsking: false });
    return isAsking;
  };

  readonly #onPress = (): void => {
    const { action, isBusy } = this.#view ?? {};
    if (!action || isBusy) return;
    if (action === "check_again") this.#check();
    // The second half of a double click, and the repeats of a key that is held, belong to a press that was carried out.
    else if (!this.#lastPress.isRepeat) this.#pay();
  };

  /** Reads, and shows that it does: the answer may leave everything as it is. */
  #check(): void {
    this.#sync({ isChecking: true });
    void this.refresh().then(() => this.#sync({ isChecking: false }));
  }

  #pay(): void {
    const session = this.#session;
    if (!this.isConnected) return;
    if (!session?.payable) {
      if (this.#state.reason) this.dispatchEvent(new FreedomPayErrorEvent(detailOf(this.#state)));
      return;
    }
    if (this.disabled) return this.#rejectPress("disabled");
    if (!this.#lastPress.consume()) return this.#rejectPress("press_required");
    if (this.confirm && !this.#state.isAsking) return this.#sync({ isAsking: true, pressError: null });
    const submit = new FreedomPaySubmitEvent(detailOf(this.#state));
    this.#state = { ...this.#state, isAsking: false, pressError: null };
    if (!this.dispatchEvent(submit)) return this.#sync();
    // The page may exchange the token while it is told of the press: then the press was for another one.
    if (this.#terms === this.#begunTerms && this.#session === session) void session.pay();
    else void this.#rejectUnderOtherTerms();
  }

  /** Says that a press was not carried out: to the developer, to the shopper and to the page, every time. */
  #rejectPress(pressError: PressError): void {
    report(TEXTS[pressError]);
    this.#sync({ pressError });
    this.dispatchEvent(new FreedomPayErrorEvent(detailOf(this.#state)));
  }

  async #rejectUnderOtherTerms(): Promise<void> {
    // The new terms begin first, without the question and the error of the old ones.
    await this.updateComplete;
    this.#rejectPress("terms_changed");
  }
}
