import type { Readable, Writable } from 'node:stream';

/** What the command line knows of the world around it; only `main.ts` asks the process. */
export interface Surroundings {
  /** Current folder. */
  readonly folder: string;
  readonly home: string;
  /** Where packages put the bundles of a host. */
  readonly installed: string;
  /** `SALLYPORT_BUNDLE`: the gateway that is meant where no option says. */
  readonly bundle: string | undefined;
  /** `SALLYPORT_OPERATOR_KEY`. */
  readonly operatorKey: string | undefined;
  readonly input: Readable & { readonly isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };
  /** For questions and progress, never for answers. */
  readonly messages: Writable & { readonly isTTY?: boolean };
  /** How wide the window is in which answers are read; absent where nobody reads them. */
  readonly columns?: number;
  readonly nowMs: () => number;
}
