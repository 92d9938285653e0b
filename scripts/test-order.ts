import type { TestSpecification } from "vitest/node";
import { BaseSequencer } from "vitest/node";

/** The projects that run in parallel: some compute, some mostly wait. */
const PARALLEL: readonly string[] = ["process", "end-to-end", "workerd"];

/** Sorts the files of each project like vitest, and takes one of each parallel project in turn, so that waits and computing overlap. */
export class Alternating extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const queues = PARALLEL.map((name) => sorted.filter(({ project }) => project.name === name));
    const turns = Math.max(...queues.map(({ length }) => length));
    const inTurn = Array.from({ length: turns }, (_, turn) => queues.flatMap((queue) => queue[turn] ?? [])).flat();
    return [...inTurn, ...sorted.filter(({ project }) => !PARALLEL.includes(project.name))];
  }
}
