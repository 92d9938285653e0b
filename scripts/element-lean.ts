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

/**
 * The Cyrillic letter that each Latin one from `A` to `z` stands for: a byte instead of two. Which stands for which is all the same to
 * the element, and not to gzip: found by `node scripts/element-letters.ts`.
 */
export const LETTERS = "ёұпцчъфэйхюәғөщ.................оқиуаявжіүмышстбгерндзкьлң";

/** The module that unpacks the words. Each sentence begins with a capital, and nothing else does. */
const UNPACK = `const names="${NAMES.map((name) => SHORT_NAMES[name] ?? name).join("|")}".split("|");
export const unpack=(text,letters)=>Object.fromEntries(text.split("|").map((phrase,place)=>[names[place],letters?phrase.replace(/[a-z]/gi,(letter)=>letters[letter.charCodeAt()-65]).replace(/(^|\\. )./g,(first)=>first.toUpperCase()):phrase]));
export const letters="${LETTERS}";`;

/** Placeholders need no names to be filled. */
function bare(phrase: string): string {
  return phrase.replace(/\{\w+\}/, "{0}");
}

/** The phrases of a language as one text, in Latin letters; and whether they have to be turned back. */
export function packedText(locale: string, letters: string): { readonly text: string; readonly isCyrillic: boolean } {
  const words = phrasesOf(locale);
  const phrases = NAMES.map((name) => bare(words.get(name) ?? ""));
  if (words.size !== NAMES.length || phrases.includes("")) throw new Error(`The phrases of ${locale} are not those of English`);
  const isCyrillic = /[а-яё]/i.test(phrases.join());
  if (!isCyrillic) return { text: phrases.join("|"), isCyrillic };
  const latin = phrases.map((phrase) =>
    phrase.replace(/\p{Script=Cyrillic}/gu, (letter) => String.fromCharCode(65 + letters.indexOf(letter.toLowerCase()))),
  );
  // A new letter or a capital inside a phrase would not come back as it was.
  for (const [place, phrase] of phrases.entries()) {
    const back = (latin[place] ?? "")
      .replace(/[a-z]/gi, (letter) => letters[letter.charCodeAt(0) - 65] ?? "?")
      .replace(/(^|\. )./g, (first) => first.toUpperCase());
    if (back !== phrase || /[|`\\$]/.test(phrase)) throw new Error(`The phrase ${NAMES[place]} of ${locale} cannot be packed: ${phrase}`);
  }
  return { text: latin.join("|"), isCyrillic };
}

function packed(locale: string): string {
  const { text, isCyrillic } = packedText(locale, LETTERS);
  return `import {unpack,letters} from "virtual:unpack";export const ${locale}=unpack(${JSON.stringify(text)}${isCyrillic ? ",letters" : ""});`;
}

/** The words as one text a language: their names once, a byte a letter. */
export const packedWords: Plugin = {
  name: "packed-words",
  enforce: "pre",
  resolveId: (id) => (id === "virtual:unpack" ? id : null),
  load: (id) => {
    if (id === "virtual:unpack") return UNPACK;
    const locale = /[\\/]widget[\\/]locales[\\/](\w\w)\.ts$/.exec(id)?.[1] ?? "";
    return locale === "" ? null : packed(locale);
  },
};

/** One file has its words in it: nothing is loaded later. */
export const wordsAtOnce: Plugin = {
  name: "words-at-once",
  enforce: "pre",
  resolveId: (id) => (id.endsWith("/locales/on-demand.ts") ? join(ROOT, "widget/locales/at-once.ts") : null),
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
 * reflected properties, hooks of an update, the record of what changed,
 * reflection. The element uses none of it; what it does use is tried on
 * the built file in test/end-to-end/element-page.test.ts.
 */
const UNUSED: readonly (readonly [piece: string, instead: string])[] = [
  ["static addInitializer(t){this._$Ei(),(this.l??=[]).push(t)}", ""],
  [",this.constructor.l?.forEach(t=>t(this))", ""],
  [
    "addController(t){(this._$EO??=new Set).add(t),void 0!==this.renderRoot&&this.isConnected&&t.hostConnected?.()}removeController(t){this._$EO?.delete(t)}",
    "",
  ],
  [",this._$EO?.forEach(t=>t.hostConnected?.())", ""],
  ["this._$EO?.forEach(t=>t.hostDisconnected?.())", ""],
  ['Symbol.metadata??=Symbol("metadata"),a.litPropertyMetadata??=new WeakMap;', ""],
  [
    'const{is:i,defineProperty:e,getOwnPropertyDescriptor:h,getOwnPropertyNames:r,getOwnPropertySymbols:o,getPrototypeOf:n}=Object,a=globalThis,c=a.trustedTypes,l=c?c.emptyScript:"",p=a.reactiveElementPolyfillSupport,',
    "const{is:i,defineProperty:e,getPrototypeOf:n}=Object,",
  ],
  ["p?.({ReactiveElement:y}),", ""],
  [
    "u={toAttribute(t,s){switch(s){case Boolean:t=t?l:null;break;case Object:case Array:t=null==t?t:JSON.stringify(t)}return t},fromAttribute(t,s){let i=t;switch(s){case Boolean:i=null!==t;break;case Number:i=null===t?null:Number(t);break;case Object:case Array:try{i=JSON.parse(t)}catch(t){i=null}}return i}},",
    "",
  ],
  [",b={attribute:!0,type:String,converter:u,reflect:!1,useDefault:!1,hasChanged:f}", ""],
  // Attributes are named as their properties are, and every one is declared.
  ["this._$Eh&&[...this._$Eh.keys()]", "[...this.elementProperties.keys()]"],
  ['static _$Eu(t,s){const i=s.attribute;return!1===i?void 0:"string"==typeof i?i:"string"==typeof t?t.toLowerCase():void 0}', ""],
  ["static getPropertyOptions(t){return this.elementProperties.get(t)??b}", ""],
  [
    "static createProperty(t,s=b){if(s.state&&(s.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(t)&&((s=Object.create(s)).wrapped=!0),this.elementProperties.set(t,s),!s.noAccessor){const i=Symbol(),h=this.getPropertyDescriptor(t,i,s);void 0!==h&&e(this.prototype,t,h)}}static getPropertyDescriptor(t,s,i){const{get:e,set:r}=h(this.prototype,t)??{get(){return this[s]},set(t){this[s]=t}};return{get:e,set(s){const h=e?.call(this);r?.call(this,s),this.requestUpdate(t,h,i)},configurable:!0,enumerable:!0}}",
    "static createProperty(t,s){this.elementProperties.set(t,s);const h=Symbol();e(this.prototype,t,{get(){return this[h]},set(e){const r=i(this[h],e);this[h]=e,r||this.requestUpdate()},configurable:!0,enumerable:!0})}",
  ],
  [
    'static _$Ei(){if(this.hasOwnProperty(d("elementProperties")))return;const t=n(this);t.finalize(),void 0!==t.l&&(this.l=[...t.l]),this.elementProperties=new Map(t.elementProperties)}static finalize(){if(this.hasOwnProperty(d("finalized")))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(d("properties"))){const t=this.properties,s=[...r(t),...o(t)];for(const i of s)this.createProperty(i,t[i])}const t=this[Symbol.metadata];if(null!==t){const s=litPropertyMetadata.get(t);if(void 0!==s)for(const[t,i]of s)this.elementProperties.set(t,i)}this._$Eh=new Map;for(const[t,s]of this.elementProperties){const i=this._$Eu(t,s);void 0!==i&&this._$Eh.set(i,t)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(s){const i=[];if(Array.isArray(s)){const e=new Set(s.flat(1/0).reverse());for(const s of e)i.unshift(t(s))}else void 0!==s&&i.push(t(s));return i}',
    'static finalize(){if(this.hasOwnProperty("elementProperties"))return;const s=n(this);s.finalize(),this.elementProperties=new Map(s.elementProperties);for(const t in this.properties)this.createProperty(t,this.properties[t]);this.elementStyles=[t(this.styles)]}',
  ],
  // What one other method calls, and nobody overrides, is written out there.
  ["this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){", ""],
  ["this._$AL=new Map,this._$E_(),this.requestUpdate()", "this._$E_(),this.requestUpdate()"],
  [
    "const t=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions)",
    'const t=this.shadowRoot??this.attachShadow({mode:"open"})',
  ],
  ['y.shadowRootOptions={mode:"open"},', ""],
  ["t.size>0&&(this._$Ep=t)", "this._$Ep=t"],
  // What is reflected the element writes itself.
  [
    '_$ET(t,s){const i=this.constructor.elementProperties.get(t),e=this.constructor._$Eu(t,i);if(void 0!==e&&!0===i.reflect){const h=(void 0!==i.converter?.toAttribute?i.converter:u).toAttribute(s,i.type);this._$Em=t,null==h?this.removeAttribute(e):this.setAttribute(e,h),this._$Em=null}}_$AK(t,s){const i=this.constructor,e=i._$Eh.get(t);if(void 0!==e&&this._$Em!==e){const t=i.getPropertyOptions(e),h="function"==typeof t.converter?{fromAttribute:t.converter}:void 0!==t.converter?.fromAttribute?t.converter:u;this._$Em=e;const r=h.fromAttribute(s,t.type);this[e]=r??this._$Ej?.get(e)??r,this._$Em=null}}',
    "",
  ],
  ["this._$AK(t,i)", "this[t]=this.constructor.elementProperties.get(t).type?null!==i:i"],
  [
    "requestUpdate(t,s,i,e=!1,h){if(void 0!==t){const r=this.constructor;if(!1===e&&(h=this[t]),i??=r.getPropertyOptions(t),!((i.hasChanged??f)(h,s)||i.useDefault&&i.reflect&&h===this._$Ej?.get(t)&&!this.hasAttribute(r._$Eu(t,i))))return;this.C(t,s,i)}!1===this.isUpdatePending&&(this._$ES=this._$EP())}C(t,s,{useDefault:i,reflect:e,wrapped:h},r){i&&!(this._$Ej??=new Map).has(t)&&(this._$Ej.set(t,r??s??this[t]),!0!==h||void 0!==r)||(this._$AL.has(t)||(this.hasUpdated||i||(s=void 0),this._$AL.set(t,s)),!0===e&&this._$Em!==t&&(this._$Eq??=new Set).add(t))}",
    "requestUpdate(){this.isUpdatePending||(this._$ES=this._$EP())}",
  ],
  [
    "try{await this._$ES}catch(t){Promise.reject(t)}const t=this.scheduleUpdate();return null!=t&&await t,!",
    "try{await this._$ES}catch{}return this.scheduleUpdate(),!",
  ],
  [
    "return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(const[t,s]of this._$Ep)this[t]=s;this._$Ep=void 0}const t=this.constructor.elementProperties;if(t.size>0)for(const[s,i]of t){const{wrapped:t}=i,e=this[s];!0!==t||this._$AL.has(s)||void 0===e||this.C(s,void 0,i,e)}}let t=!1;const s=this._$AL;try{t=this.shouldUpdate(s),t?(this.willUpdate(s),this._$EO?.forEach(t=>t.hostUpdate?.()),this.update(s)):this._$EM()}catch(s){throw t=!1,this._$EM(),s}t&&this._$AE(s)",
    "for(const[t,s]of this._$Ep)this[t]=s;this._$Ep=[];try{this.update()}catch(s){throw this.isUpdatePending=!1,s}",
  ],
  [
    "willUpdate(t){}_$AE(t){this._$EO?.forEach(t=>t.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(t)),this.updated(t)}_$EM(){this._$AL=new Map,this.isUpdatePending=!1}",
    "",
  ],
  [
    "getUpdateComplete(){return this._$ES}shouldUpdate(t){return!0}update(t){this._$Eq&&=this._$Eq.forEach(t=>this._$ET(t,this[t])),this._$EM()}updated(t){}firstUpdated(t){}",
    "update(){this.isUpdatePending=!1}",
  ],
  ["return this.getUpdateComplete()", "return this._$ES"],
  ["enableUpdating(t){}", ""],
  ["y.elementStyles=[],", ""],
  ['y[d("elementProperties")]=new Map,y[d("finalized")]=new Map,', "y.elementProperties=new Map,"],
  [',(a.reactiveElementVersions??=[]).push("2.1.2")', ""],
  ["u as defaultConverter,", ""],
];

/** Lit's base class without what is {@link UNUSED} here. Fails when Lit is no longer written as it was. */
export const leanLit: Plugin = {
  name: "lean-lit",
  enforce: "pre",
  load: (id) => (/[\\/]reactive-element[\\/]css-tag\.js$/.test(id) ? STYLES : null),
  transform: (code, id) => {
    // Words that are there from the beginning are never waited for.
    if (/\.styles\.ts$/.test(id))
      return { code: code.replace('[lang=""]{visibility:hidden}', "").replaceAll(/(?<=[;{}])\n(?=[^ ])/g, ""), map: null };
    if (!/[\\/]reactive-element[\\/]reactive-element\.js$/.test(id)) return null;
    let lean = code;
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
  /^(_\$.*|isUpdatePending|elementStyles|enableUpdating|createProperty|scheduleUpdate|createRenderRoot|renderRoot|trouble|payable|answers|orderId|httpStatus|retryAfter|cardInWords|isFirst|atWork|canPay|tone|action|label|kind|wall|steady|changed|patience|isOffline|etag|alone|take|stop|processing_5s|pay_once|no_connection|returned|server_error)$/;
