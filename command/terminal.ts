/** Input and output of the command. */
export interface Terminal {
  /** Environment variables. Keys come only from here, because other users can see the command line. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input: AsyncIterable<Uint8Array | string>;
  write(text: string): void;
  /** Milliseconds between two charges of a live test. Tests make it shorter than the contract's. */
  readonly pause?: number;
}

/** Exit codes: 0 no problems; 1 problems found; 2 the check could not run. */
export type ExitCode = 0 | 1 | 2;
