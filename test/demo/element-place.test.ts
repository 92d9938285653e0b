import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");

test.each(["docs/element.md", "docs/frameworks.md", "scripts/element-stage.ts", "test/widget/reserved.browser.test.ts"])(
  "%s reserves for the element what the demo does",
  (file) => {
    const reserved = (text: string): readonly string[] =>
      [...text.matchAll(/min-height:\s*([\d.]+rem)/g)].map(([, height]) => height ?? "");
    const [height] = reserved(read("demo/page/element.css"));
    expect(new Set(reserved(read(file)))).toEqual(new Set([height]));
  },
);
