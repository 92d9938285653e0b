import type { CSSResult } from "lit";
import { css } from "lit";

/**
 * `all: initial` keeps out what the page would hand down (letter-spacing, text-transform, line-height…); what a page may set
 * are the `--freedom-pay-*` properties and the parts. Colours follow the page's `color-scheme` unless `theme` says otherwise.
 */
export const styles: CSSResult = css`
:host{display:block;max-width:26rem}
:host([hidden]),[hidden]{display:none!important}
[part=base]{all:initial;direction:ltr;color-scheme:inherit;visibility:inherit;display:block;position:relative;padding:24px;font:medium/1.5 var(--freedom-pay-font,system-ui,sans-serif);overflow-wrap:anywhere;
--a:var(--freedom-pay-accent,#055532);--o:var(--freedom-pay-on-accent,#fff);--t:var(--freedom-pay-text,#16211b);--b:var(--freedom-pay-background,#fff);--l:var(--freedom-pay-border,#dbe2de);--r:var(--freedom-pay-radius,16px);--s:#55625b;--e:#a81e14;
color:var(--t);background:var(--b);border:1px solid var(--l);border-radius:var(--r)}
@supports (color:light-dark(red,red)){[part=base]{--a:var(--freedom-pay-accent,light-dark(#055532,#74d69d));--o:var(--freedom-pay-on-accent,light-dark(#fff,#06261a));--t:var(--freedom-pay-text,light-dark(#16211b,#eef3f0));--b:var(--freedom-pay-background,light-dark(#fff,#141a17));--l:var(--freedom-pay-border,light-dark(#dbe2de,#34403a));--s:light-dark(#55625b,#a4b1aa);--e:light-dark(#a81e14,#ff9e94)}}
[lang=""]{visibility:hidden}
.light{color-scheme:light}
.dark{color-scheme:dark}
p{margin:0}
div>::slotted(*){margin-top:16px}
[part=amount]{margin:4px 0;font-size:1.75em;font-weight:600;line-height:1.3}
[part=order],[part=card]{color:var(--s);font-size:.875em}
[part=card]{margin-top:16px;padding-top:16px;border-top:1px solid var(--l);text-transform:capitalize}
[part=message]{outline:0}
.busy,.good,.bad,.calm{display:flex;gap:12px;margin-top:16px}
svg{flex:none;width:24px;height:24px;fill:none;color:var(--s);stroke:currentcolor;forced-color-adjust:auto;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.good svg{color:var(--a)}
.bad svg{color:var(--e)}
[part=title]{font-weight:600}
button{all:unset;box-sizing:border-box;display:grid;place-items:center;width:100%;min-height:48px;margin-top:16px;padding:10px 16px;text-align:center;font-weight:600;color:var(--o);background:var(--a);border:1px solid transparent;border-radius:calc(var(--r)*.6);cursor:pointer}
button:hover{filter:brightness(1.15)}
button:focus-visible{outline:3px solid var(--a);outline-offset:2px}
.second{color:var(--a);background:none;border-color:currentcolor}
:disabled,[aria-disabled=true]{color:var(--s);background:none;border-color:var(--l);cursor:default}
.heard,[part=spinner]:not([hidden])+*{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
[part=spinner]{width:20px;height:20px;box-sizing:border-box;border:2px solid;border-right:0;border-radius:50%;animation:a 1s linear infinite}
@keyframes a{to{rotate:1turn}}
@media (prefers-reduced-motion){[part=spinner]{animation-duration:9s}}
`;
