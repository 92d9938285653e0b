// What makes the script-tag file of the element small. The modules of the package stay as they are written.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";
import { ROOT } from "./run.ts";

/** The phrases of a language by their names, as its module is written: one a line. */
function phrasesOf(locale: string): ReadonlyMap<string, string> {
  const source = readFileSync(join(ROOT, `widget/locales/${locale}.ts`), "utf8");
  return new Map([...source.matchAll(/^ {2}(\w+): (".*"),$/gm)].map(([, name = "", phrase = ""]) => [name, JSON.parse(phrase) as string]));
}

/** The phrases' names, in the order in which they are packed. */
const NAMES: readonly string[] = [...phrasesOf("en").keys()];

/** Phrases that the code names outright, not by a status or a category, under shorter names: see {@link HIDDEN_PROPERTIES}. */
export const SHORT_NAMES: Readonly<Record<string, string>> = {
  processing_5s: "pL",
  pay_once: "pO",
  no_connection: "nC",
  returned: "rT",
  server_error: "sE",
};

/** The Cyrillic letter that each Latin one from `A` to `z` stands for: a byte instead of two. */
const LETTERS = "ящчәэғіқңёъюөүұ.................абцдефгхижклмнопырстувшьйз";

/** The module that unpacks the words. Each sentence begins with a capital, and nothing else does. */
const UNPACK = `const names="${NAMES.map((name) => SHORT_NAMES[name] ?? name).join("|")}".split("|");
export const unpack=(text,letters)=>Object.fromEntries(text.split("|").map((phrase,place)=>[names[place],letters?phrase.replace(/[a-z]/gi,(letter)=>letters[letter.charCodeAt()-65]).replace(/(^|\\. )./g,(first)=>first.toUpperCase()):phrase]));
export const letters="${LETTERS}";`;

/** Placeholders need no names to be filled. */
function bare(phrase: string): string {
  return phrase.replace(/\{\w+\}/, "{0}");
}

function packed(locale: string): string {
  const words = phrasesOf(locale);
  const phrases = NAMES.map((name) => bare(words.get(name) ?? ""));
  if (words.size !== NAMES.length || phrases.includes("")) throw new Error(`The phrases of ${locale} are not those of English`);
  const isCyrillic = /[а-яё]/i.test(phrases.join());
  const text = isCyrillic
    ? phrases.map((phrase) =>
        phrase.replace(/\p{Script=Cyrillic}/gu, (letter) => String.fromCharCode(65 + LETTERS.indexOf(letter.toLowerCase()))),
      )
    : phrases;
  // A new letter or a capital inside a phrase would not come back as it was.
  if (isCyrillic)
    for (const [place, phrase] of phrases.entries()) {
      const back = (text[place] ?? "")
        .replace(/[a-z]/gi, (letter) => LETTERS[letter.charCodeAt(0) - 65] ?? "?")
        .replace(/(^|\. )./g, (first) => first.toUpperCase());
      if (back !== phrase || /[|`\\$]/.test(phrase)) throw new Error(`The phrase ${NAMES[place]} of ${locale} cannot be packed: ${phrase}`);
    }
  return `import {unpack,letters} from "virtual:unpack";export const ${locale}=unpack(${JSON.stringify(text.join("|"))}${isCyrillic ? ",letters" : ""});`;
}

/** The words as one text a language: their names once, a byte a letter. */
export const packedWords: Plugin = {
  name: "packed-words",
  enforce: "pre",
  resolveId: (id) => (id === "virtual:unpack" ? id : null),
  load: (id) => {
    if (id === "virtual:unpack") return UNPACK;
    const locale = /[\\/]widget[\\/]locales[\\/](\w+)\.ts$/.exec(id)?.[1] ?? "";
    return locale === "" ? null : packed(locale);
  },
};

/**
 * Lit's styles for browsers that have adopted style sheets (Chromium 73, Firefox 101, Safari 16.4). Older ones would need a
 * style element, which the policies that the element is made for forbid.
 */
const STYLES = `export const css=(text)=>text[0];
export const getCompatibleStyle=(text)=>{const sheet=new CSSStyleSheet();sheet.replaceSync(text);return sheet};
export const adoptStyles=(root,sheets)=>{root.adoptedStyleSheets=sheets};
export const CSSResult=0,supportsAdoptingStyleSheets=true,unsafeCSS=css;`;

/**
 * What Lit's base class has for others: controllers, decorators, polyfills, converters, accessors of one's own, initial values of
 * reflected properties, hooks of an update, the record of what changed. The element uses none of it; what it does use is tried on
 * the built file in test/end-to-end/element-page.test.ts.
 */
const UNUSED: readonly (readonly [piece: string, instead: string])[] = [
  ["static addInitializer(t){this._$Ei(),(this.l??=[]).push(t)}", ""],
  ["t.finalize(),void 0!==t.l&&(this.l=[...t.l]),", "t.finalize(),"],
  [",this.constructor.l?.forEach(t=>t(this))", ""],
  [
    "addController(t){(this._$EO??=new Set).add(t),void 0!==this.renderRoot&&this.isConnected&&t.hostConnected?.()}removeController(t){this._$EO?.delete(t)}",
    "",
  ],
  [",this._$EO?.forEach(t=>t.hostConnected?.())", ""],
  ["this._$EO?.forEach(t=>t.hostDisconnected?.())", ""],
  ["this._$EO?.forEach(t=>t.hostUpdate?.()),", ""],
  ["this._$EO?.forEach(t=>t.hostUpdated?.()),", ""],
  [
    "const t=this[Symbol.metadata];if(null!==t){const s=litPropertyMetadata.get(t);if(void 0!==s)for(const[t,i]of s)this.elementProperties.set(t,i)}",
    "",
  ],
  ['Symbol.metadata??=Symbol("metadata"),a.litPropertyMetadata??=new WeakMap;', ""],
  [",p=a.reactiveElementPolyfillSupport", ""],
  ["p?.({ReactiveElement:y}),", ""],
  [
    "u={toAttribute(t,s){switch(s){case Boolean:t=t?l:null;break;case Object:case Array:t=null==t?t:JSON.stringify(t)}return t},fromAttribute(t,s){let i=t;switch(s){case Boolean:i=null!==t;break;case Number:i=null===t?null:Number(t);break;case Object:case Array:try{i=JSON.parse(t)}catch(t){i=null}}return i}},",
    "",
  ],
  ["const h=(void 0!==i.converter?.toAttribute?i.converter:u).toAttribute(s,i.type)", 'const h=i.type===Boolean?s?"":null:s'],
  ["converter:u,", ""],
  [",useDefault:!1,hasChanged:f", ""],
  ["(i.hasChanged??f)(h,s)", "f(this[t],s)"],
  ["s.state&&(s.attribute=!1),", ""],
  ["this.prototype.hasOwnProperty(t)&&((s=Object.create(s)).wrapped=!0),", ""],
  [
    "if(this._$Ei(),this.elementProperties.set(t,s),!s.noAccessor){const i=Symbol(),h=this.getPropertyDescriptor(t,i,s);void 0!==h&&e(this.prototype,t,h)}}static getPropertyDescriptor(t,s,i){const{get:e,set:r}=h(this.prototype,t)??{get(){return this[s]},set(t){this[s]=t}};return{get:e,set(s){const h=e?.call(this);r?.call(this,s),this.requestUpdate(t,h,i)},configurable:!0,enumerable:!0}}",
    "this._$Ei();this.elementProperties.set(t,s);const i=Symbol();e(this.prototype,t,{get(){return this[i]},set(e){const h=this[i];this[i]=e,this.requestUpdate(t,h,s)},configurable:!0,enumerable:!0})}",
  ],
  ["void 0!==i&&this._$Eh.set(i,t)", "this._$Eh.set(i,t)"],
  ['c=a.trustedTypes,l=c?c.emptyScript:"",', ""],
  ["if(void 0!==e&&!0===i.reflect){", "if(i.reflect){"],
  ["[...r(t),...o(t)]", "r(t)"],
  ["getOwnPropertyDescriptor:h,", ""],
  ["getOwnPropertySymbols:o,", ""],
  ["const t=this.scheduleUpdate();return null!=t&&await t,!", "return this.scheduleUpdate(),!"],
  ["catch(t){Promise.reject(t)}", "catch{}"],
  [",b={attribute:!0,type:String,reflect:!1}", ""],
  ["createProperty(t,s=b)", "createProperty(t,s)"],
  ["static getPropertyOptions(t){return this.elementProperties.get(t)??b}", ""],
  [
    "requestUpdate(t,s,i,e=!1,h){if(void 0!==t){const r=this.constructor;if(!1===e&&(h=this[t]),i??=r.getPropertyOptions(t),",
    "requestUpdate(t,s,i){if(void 0!==t){if(",
  ],
  ["t.size>0&&(this._$Ep=t)", "this._$Ep=t"],
  [',(a.reactiveElementVersions??=[]).push("2.1.2")', ""],
  ['const i=s.attribute;return!1===i?void 0:"string"==typeof i?i:"string"==typeof t?t.toLowerCase():void 0', "return t.toLowerCase()"],
  [
    "const t=this.constructor.elementProperties;if(t.size>0)for(const[s,i]of t){const{wrapped:t}=i,e=this[s];!0!==t||this._$AL.has(s)||void 0===e||this.C(s,void 0,i,e)}",
    "",
  ],
  [
    "let t=!1;const s=this._$AL;try{t=this.shouldUpdate(s),t?(this.willUpdate(s),this.update(s)):this._$EM()}catch(s){throw t=!1,this._$EM(),s}t&&this._$AE(s)",
    "try{this.update()}catch(s){throw this._$EM(),s}this.hasUpdated=!0",
  ],
  ["willUpdate(t){}_$AE(t){this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(t)),this.updated(t)}", ""],
  ["shouldUpdate(t){return!0}", ""],
  ["updated(t){}firstUpdated(t){}", ""],
  [
    'const t=i.getPropertyOptions(e),h="function"==typeof t.converter?{fromAttribute:t.converter}:void 0!==t.converter?.fromAttribute?t.converter:u;this._$Em=e;const r=h.fromAttribute(s,t.type);this[e]=r??this._$Ej?.get(e)??r',
    "this._$Em=e,this[e]=i.elementProperties.get(e).type===Boolean?null!==s:s",
  ],
  ["u as defaultConverter,", ""],
  ["||i.useDefault&&i.reflect&&h===this._$Ej?.get(t)&&!this.hasAttribute(r._$Eu(t,i))", ""],
  ["i&&!(this._$Ej??=new Map).has(t)&&(this._$Ej.set(t,r??s??this[t]),!0!==h||void 0!==r)||(", "("],
  ["this._$AL.has(t)||(this.hasUpdated||i||(s=void 0),this._$AL.set(t,s)),!0===e", "e"],
  ["this._$AL=new Map,this._$E_()", "this._$E_()"],
  ["_$EM(){this._$AL=new Map,", "_$EM(){"],
  ["{useDefault:i,reflect:e,wrapped:h},r)", "{reflect:e})"],
  [
    "static finalizeStyles(s){const i=[];if(Array.isArray(s)){const e=new Set(s.flat(1/0).reverse());for(const s of e)i.unshift(t(s))}else void 0!==s&&i.push(t(s));return i}",
    "",
  ],
  ["this.finalizeStyles(this.styles)", "[t(this.styles)]"],
  ["y.elementStyles=[],", ""],
  ["getUpdateComplete(){return this._$ES}", ""],
  ["return this.getUpdateComplete()", "return this._$ES"],
  ["enableUpdating(t){}", ""],
];

/** Lit's base class without what is {@link UNUSED} here. Fails when Lit is no longer written as it was. */
export const leanLit: Plugin = {
  name: "lean-lit",
  enforce: "pre",
  load: (id) => (/[\\/]reactive-element[\\/]css-tag\.js$/.test(id) ? STYLES : null),
  transform: (code, id) => {
    if (/\.styles\.ts$/.test(id)) return { code: code.replaceAll(/(?<=[;{}])\n(?=[^ ])/g, ""), map: null };
    if (!/[\\/]reactive-element[\\/]reactive-element\.js$/.test(id)) return null;
    let lean = code.replace(/(?<=[[(,])d\(("\w+")\)/g, "$1");
    for (const [piece, instead] of UNUSED) {
      if (!lean.includes(piece)) throw new Error(`Lit is written otherwise than scripts/element-lean.ts expects: ${piece}`);
      lean = lean.replace(piece, () => instead);
    }
    return { code: lean, map: null };
  },
};

/**
 * The properties whose names nobody outside the file can see: Lit's own (but those that it also looks up by text), and those of
 * the objects that the element's modules pass to each other. None of them is a member of a DOM object, a token, an answer of the edge or an event.
 */
export const HIDDEN_PROPERTIES: RegExp =
  /^(_\$.*|isUpdatePending|hasUpdated|performUpdate|elementStyles|finalizeStyles|getPropertyDescriptor|getPropertyOptions|getUpdateComplete|enableUpdating|createProperty|scheduleUpdate|shouldUpdate|willUpdate|firstUpdated|createRenderRoot|renderRoot|shadowRootOptions|toAttribute|fromAttribute|hasChanged|noAccessor|wrapped|reflect|trouble|payable|answers|orderId|httpStatus|retryAfter|cardInWords|atWork|canPay|tone|action|kind|wall|steady|changed|patience|etag|alone|take|stop|processing_5s|pay_once|no_connection|returned|server_error)$/;
