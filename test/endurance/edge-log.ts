/** The log of the edge under a load: counted, because it has tens of thousands of lines. */

/** The first lines that are kept of each kind. */
const KEPT = 50;

/** Lines that workerd writes by itself: thousands on a full disk. */
const OF_WORKERD = /^(?:workerd\/|kj\/|stack: )/;

export class EdgeLog {
  /** Lines of the command itself. */
  readonly plain: string[] = [];
  /** Errors and attentions, and requests that ended with 500. */
  readonly alarming: string[] = [];
  readonly #requests = new Map<string, number>();

  add(line: string): void {
    const parsed = parse(line);
    if (parsed === null) {
      if (!OF_WORKERD.test(line) && this.plain.length < KEPT) this.plain.push(line);
      return;
    }
    const { event, route, status } = parsed;
    if (event === "request") this.#requests.set(`${route} ${status}`, (this.#requests.get(`${route} ${status}`) ?? 0) + 1);
    if ((event === "error" || event === "attention" || status === 500) && this.alarming.length < KEPT) this.alarming.push(line);
  }

  /** How many requests of a route ended with a status. */
  requests(route: string, status: number): number {
    return this.#requests.get(`${route} ${status}`) ?? 0;
  }
}

interface Line {
  readonly event: string;
  readonly route?: string;
  readonly status?: number;
}

function parse(line: string): Line | null {
  if (!line.startsWith('{"event":')) return null;
  try {
    return JSON.parse(line) as Line;
  } catch {
    return null;
  }
}
