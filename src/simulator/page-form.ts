/** Reads the form of a payment page. It has no field for a card number, and a form with one is refused. */

import type { PageCard } from "./page.ts";

/** What the shopper does. */
export type PageStep = "pay" | "leave" | "confirm" | "refuse";

/** The cards that a page offers. */
export const PAGE_CARDS: readonly PageCard[] = ["visa", "mastercard", "amex"];

/** The keywords that a page offers as buttons, in their order. */
export const PAGE_OUTCOMES = ["pays", "decline-10009", "page-3ds", "page-unseen-10"] as const;

/** A form that a page can have sent. */
export interface PageForm {
  readonly token: string;
  readonly step: PageStep;
  readonly card: PageCard;
  /** The keywords that the shopper chose and wrote. */
  readonly choice: readonly string[];
}

/** Why a form is refused. */
export interface FormRefusal {
  readonly httpStatus: 400 | 413 | 415;
  readonly message: "notUnderstood" | "tooLarge";
}

/** The largest form, bytes. A page's own has less than 1 KiB. */
const LARGEST_FORM = 16 * 1024;

const STEPS: readonly PageStep[] = ["pay", "leave", "confirm", "refuse"];

const MEMBERS: Readonly<Record<string, (value: string) => boolean>> = {
  form: (value) => /^[0-9a-f]{32}$/.test(value),
  step: (value) => STEPS.some((step) => step === value),
  card: (value) => PAGE_CARDS.some((card) => card === value),
  outcome: (value) => value === "" || PAGE_OUTCOMES.some((outcome) => outcome === value),
  keywords: (value) => /^[a-z0-9_.-]{0,200}$/.test(value),
};

const NOT_UNDERSTOOD: FormRefusal = { httpStatus: 400, message: "notUnderstood" };

function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body);
  } catch {
    return null;
  }
}

/**
 * Reads a form. A field that is there twice, or that a page does not have, makes it no form of a page.
 *
 * @param contentType - the request's.
 */
export function readPageForm(contentType: string, body: Uint8Array): PageForm | FormRefusal {
  if (body.length > LARGEST_FORM) {
    return { httpStatus: 413, message: "tooLarge" };
  }
  if (!/^application\/x-www-form-urlencoded\b/i.test(contentType)) {
    return { httpStatus: 415, message: "notUnderstood" };
  }
  const text = textOf(body);
  const fields = [...new URLSearchParams(text ?? "")];
  const members = new Map(fields);
  const isOfPage = fields.every(([name, value]) => Object.hasOwn(MEMBERS, name) && MEMBERS[name]?.(value) === true);
  const step = members.get("step");
  if (text === null || !isOfPage || members.size !== fields.length || step === undefined) {
    return NOT_UNDERSTOOD;
  }
  return {
    token: members.get("form") ?? "",
    step: step as PageStep,
    card: (members.get("card") ?? "visa") as PageCard,
    choice: [members.get("outcome") ?? "", members.get("keywords") ?? ""].filter((keyword) => keyword !== ""),
  };
}
