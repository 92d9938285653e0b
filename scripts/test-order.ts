import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";

/** The projects that run in parallel. Those with the longest waits start first. */
const ORDER: readonly string[] = ["simulation", "process", "end-to-end", "workerd"];

/** Sorts files like vitest, but first by {@link ORDER} instead of the projects' names. */
export class LongestWaitFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project }: TestSpecification): number => (ORDER.indexOf(project.name) + ORDER.length + 1) % (ORDER.length + 1);
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}
