import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FreedomPayCharge } from "../../widget/freedom-pay-charge.ts";

const define = vi.spyOn(customElements, "define");
const get = vi.spyOn(customElements, "get");
const warn = vi.spyOn(console, "warn");

/** Runs the definition once more, as a second copy of it would. */
async function load(copy: string): Promise<void> {
  await import(/* @vite-ignore */ `../../widget/define.ts?${copy}`);
}

beforeEach(() => {
  vi.clearAllMocks();
  define.mockImplementation(() => {});
  warn.mockImplementation(() => {});
});

afterEach(() => void vi.resetAllMocks());

test("the element is defined under its name if the name is free", async () => {
  get.mockReturnValue(undefined);
  await load("first");
  expect(define).toHaveBeenCalledExactlyOnceWith("freedom-pay-charge", FreedomPayCharge);
  expect(warn).not.toHaveBeenCalled();
});

test("a second copy of the same version defines nothing and logs nothing", async () => {
  get.mockReturnValue(FreedomPayCharge);
  await load("second");
  expect(define).not.toHaveBeenCalled();
  expect(warn).not.toHaveBeenCalled();
});

test("a copy of another version is reported, and the first stays defined", async () => {
  class Older extends HTMLElement {
    static readonly version = "0.0.1";
  }
  get.mockReturnValue(Older);
  await load("third");
  expect(define).not.toHaveBeenCalled();
  expect(warn).toHaveBeenCalledExactlyOnceWith(
    `<freedom-pay-charge>: version 0.0.1 is defined, version ${FreedomPayCharge.version} is not. Load one of them.`,
  );
});
