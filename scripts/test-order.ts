import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";

/** Beside each other run, in this order: what waits longest for its own deadlines, pages, and what is many and short. */
const ORDER: readonly string[] = ["process", "end-to-end", "workerd"];

/** vitest's order of files, but by project: by itself it goes by the projects' names. */
export class LongestWaitFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project }: TestSpecification): number => (ORDER.indexOf(project.name) + ORDER.length + 1) % (ORDER.length + 1);
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}
