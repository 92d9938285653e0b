/**
 * Whether Escape is meant for a question that an element asks: the focus is in the element, on something around it, or anywhere in a dialog
 * that the element is in. Elsewhere Escape belongs to something else.
 */
export function isEscapeFor(event: KeyboardEvent, element: Element): boolean {
  if (event.key !== "Escape") return false;
  const around: EventTarget[] = [];
  for (let node: Node | null | undefined = element; node; node = node.parentNode ?? (node as Partial<ShadowRoot>).host) around.push(node);
  const isFocus = (target: EventTarget, place: number): boolean | undefined =>
    place === 0 || target === element || (target as Partial<Element>).matches?.("dialog,[popover],[role*=dialog]");
  return event.composedPath().some((target, place) => around.includes(target) && isFocus(target, place));
}
