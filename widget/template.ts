import type { TemplateResult } from "lit";
import { html, nothing } from "lit";
import type { Tone } from "./message.ts";
import type { ViewModel } from "./view-model.ts";

const CIRCLE = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0m";

const ICONS: Readonly<Record<Tone, string>> = {
  busy: `${CIRCLE}9-5v5l3 2`,
  good: `${CIRCLE}5 0l3 3l5-6`,
  bad: `${CIRCLE}9-5v6m0 3.5v.1`,
  calm: `${CIRCLE}9 4.5v-5m0-4v.1`,
};

/** A line of text that is hidden while it is empty. */
function line(part: string, text: string): TemplateResult {
  return html`<p part=${part} ?hidden=${!text}>${text}</p>`;
}

/**
 * The inside of the element. Nothing comes or goes, it is only hidden: assistive technology knows the live region from the beginning, its
 * text changes only when it is another one, and the button keeps the focus.
 *
 * @param press - the button's
 * @param cancel - the second button's
 */
export function template(view: ViewModel, press: () => void, cancel: () => void): TemplateResult {
  const { tone, title, card, label, action, isBusy } = view;
  return html`
    <div part="base" lang=${view.lang} class=${view.theme}>
      ${line("order", view.order)}${line("amount", view.amount)}${line("description", view.description)}
      <slot name="details"></slot>
      <p part="card" ?hidden=${!card}>
        <span aria-hidden="true">${card}</span><span class="for-screen-readers">${view.cardInWords}</span>
      </p>
      ${line("page", view.page)}
      <div part="message" role="status" tabindex="-1">
        <div class=${tone} ?hidden=${!title}>
          <svg part="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=${ICONS[tone]}></path></svg>
          <div>${line("title", title)}${line("note", view.note)}</div>
        </div>
      </div>
      <slot name="receipt" ?hidden=${tone !== "good"}></slot>
      <slot name="consent" ?hidden=${!action || action === "check_again"}></slot>
      <button
        part="button"
        type="button"
        class=${view.isMain ? "" : "secondary"}
        aria-disabled=${isBusy}
        ?disabled=${view.isDisabled}
        ?hidden=${!label || action === "continue"}
        @click=${press}
        ><span part="spinner" ?hidden=${!isBusy || !title}></span
        ><span part="label"><slot name=${action === "pay" ? "label" : "none"}>${label}</slot></span
      ></button>
      <a part="continue" href=${view.link || nothing} target="_top" rel="noreferrer" ?hidden=${!view.link}>${label}</a>
      <button part="cancel" type="button" class="secondary" ?hidden=${!view.cancel} @click=${cancel}>${view.cancel}</button>
      <slot name="help" ?hidden=${!title || tone === "good"}></slot>
      <slot name="logos"></slot>
    </div>
  `;
}
