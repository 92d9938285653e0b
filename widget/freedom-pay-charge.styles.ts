import type { CSSResult } from "lit";
import { css } from "lit";

/**
 * `all: initial` keeps out what the page would pass on (letter-spacing, text-transform, line-height…). A page may set the
 * `--freedom-pay-*` properties and style the parts. Colours follow the page's `color-scheme` unless `theme` says otherwise.
 */
export const styles: CSSResult = css`
:host {
  display: block;
  max-width: 26rem;
}

:host([hidden]),
[hidden] {
  display: none !important;
}

[part="base"] {
  all: initial;
  --_accent: #055532;
  --_on-accent: #fff;
  --_text: #16211b;
  --_background: #fff;
  --_border: #dbe2de;
  --_muted: #55625b;
  --_error: #a81e14;
  display: block;
  position: relative;
  padding: 24px;
  direction: ltr;
  visibility: inherit;
  font: medium / 1.5 var(--freedom-pay-font, system-ui, sans-serif);
  overflow-wrap: anywhere;
  color-scheme: inherit;
  color: var(--freedom-pay-text, var(--_text));
  background: var(--freedom-pay-background, var(--_background));
  border: 1px solid var(--freedom-pay-border, var(--_border));
  border-radius: var(--freedom-pay-radius, 16px);
}

@supports (color: light-dark(red, red)) {
  [part="base"] {
    --_accent: light-dark(#055532, #74d69d);
    --_on-accent: light-dark(#fff, #06261a);
    --_text: light-dark(#16211b, #eef3f0);
    --_background: light-dark(#fff, #141a17);
    --_border: light-dark(#dbe2de, #34403a);
    --_muted: light-dark(#55625b, #a4b1aa);
    --_error: light-dark(#a81e14, #ff9e94);
  }
}

[lang=""] {
  visibility: hidden;
}

.light {
  color-scheme: light;
}

.dark {
  color-scheme: dark;
}

p {
  margin: 0;
}

div > ::slotted(*) {
  margin-top: 16px;
}

[part="amount"] {
  margin: 4px 0;
  font-size: 1.75em;
  font-weight: 600;
  line-height: 1.3;
}

[part="order"],
[part="card"],
[part="page"] {
  color: var(--_muted);
  font-size: 0.875em;
}

[part="card"] {
  margin-top: 16px;
  padding-top: 16px;
  border-top: 1px solid var(--freedom-pay-border, var(--_border));
  text-transform: capitalize;
}

[part="page"] {
  margin-top: 16px;
}

[part="message"] {
  outline: 0;
}

.busy,
.good,
.bad,
.calm {
  display: flex;
  gap: 12px;
  margin-top: 16px;
}

svg {
  flex: none;
  width: 24px;
  height: 24px;
  fill: none;
  color: var(--_muted);
  stroke: currentcolor;
  stroke-width: 2;
  stroke-linecap: round;
  stroke-linejoin: round;
  forced-color-adjust: auto;
}

.good svg {
  color: var(--freedom-pay-accent, var(--_accent));
}

.bad svg {
  color: var(--_error);
}

[part="title"] {
  font-weight: 600;
}

button,
a {
  all: unset;
  box-sizing: border-box;
  display: grid;
  place-items: center;
  width: 100%;
  min-height: 48px;
  margin-top: 16px;
  padding: 10px 16px;
  text-align: center;
  font-weight: 600;
  color: var(--freedom-pay-on-accent, var(--_on-accent));
  background: var(--freedom-pay-accent, var(--_accent));
  border: 1px solid transparent;
  border-radius: calc(var(--freedom-pay-radius, 16px) * 0.6);
  cursor: pointer;
}

button:hover,
a:hover {
  filter: brightness(1.15);
}

button:focus-visible,
a:focus-visible {
  outline: 3px solid var(--freedom-pay-accent, var(--_accent));
  outline-offset: 2px;
}

.secondary {
  color: var(--freedom-pay-accent, var(--_accent));
  background: none;
  border-color: currentcolor;
}

:disabled,
[aria-disabled="true"] {
  color: var(--_muted);
  background: none;
  border-color: var(--freedom-pay-border, var(--_border));
  cursor: default;
}

.for-screen-readers,
[part="spinner"]:not([hidden]) + * {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}

[part="spinner"] {
  box-sizing: border-box;
  width: 20px;
  height: 20px;
  border: 2px solid;
  border-right: 0;
  border-radius: 50%;
  animation: turn 1s linear infinite;
}

@keyframes turn {
  to {
    rotate: 1turn;
  }
}

@media (prefers-reduced-motion) {
  [part="spinner"] {
    animation-duration: 9s;
  }
}
`;
