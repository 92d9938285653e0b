import { adoptStyles } from "lit";
import { styles } from "./freedom-pay-charge.styles.ts";

/**
 * Styles a shadow root for the document that it is in. To be called again when it was moved to another one, where it loses its styles: a
 * constructed style sheet works in the document of its own window only, so an element in an iframe gets one of the iframe's.
 */
export function adoptStylesIn(root: ShadowRoot): void {
  const view = root.ownerDocument.defaultView;
  // Without a window nothing is shown, and where it is styled it stays so.
  if (!view || root.adoptedStyleSheets?.length || root.querySelector("style")) return;
  if (view === window || !view.CSSStyleSheet.prototype.replaceSync) adoptStyles(root, [styles]);
  else {
    const sheet = new view.CSSStyleSheet();
    sheet.replaceSync(styles.cssText);
    root.adoptedStyleSheets = [sheet];
  }
}
