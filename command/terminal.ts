/** Where the command reads and writes. */
export interface Terminal {
  /** Variables of the environment: keys are taken from here, never from the command line, which others can see. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input: AsyncIterable<Uint8Array | string>;
  write(text: string): void;
  /** Milliseconds between two charges of a trial, when not as the contract says: for tests. */
  readonly pause?: number;
}

/** Exit codes: 0 all is well; 1 something was found; 2 it could not be examined. */
export type ExitCode = 0 | 1 | 2;
