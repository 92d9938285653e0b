/** The page that holds a story: prose by hand, and between two marks the lines of each chapter. */

const BLOCK = /(<!-- chapter: (.+?) -->\n```text\n)[\s\S]*?(```\n<!-- end -->)/g;

/** The chapters that a page has room for, in its order. */
export function chaptersIn(page: string): readonly string[] {
  return [...page.matchAll(BLOCK)].map(([, , name = ""]) => name);
}

/** The page with the chapters as they are told now. @throws Error when it has a chapter that was not told */
export function withChapters(page: string, chapters: ReadonlyMap<string, string>): string {
  return page.replaceAll(BLOCK, (_block, before: string, name: string, after: string) => {
    const lines = chapters.get(name);
    if (lines === undefined) throw new Error(`The page has a chapter that nobody told: ${name}`);
    return `${before}${lines}\n${after}`;
  });
}
