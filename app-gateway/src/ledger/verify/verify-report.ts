import type { Finding } from './finding.ts';

/** One run of one program, as far as it is in the file. */
export interface VerifiedSource {
  /** `node/worker/epoch`. */
  readonly source: string;
  readonly records: number;
  readonly seals: number;
  /** Records after the last seal. */
  readonly unsealed: number;
}

/** What a verification has to say. */
export interface VerifyReport {
  /** No fault; doubts may be there. */
  readonly isGood: boolean;
  readonly origin: string;
  readonly from: number;
  readonly to: number;
  readonly size: number;
  readonly records: number;
  /** Whether the keys came from elsewhere than the file. */
  readonly areKeysPinned: boolean;
  /** Largest size whose signed root these records give. */
  readonly provenSize: number | undefined;
  /** That root in base64, as checkpoints write it: a verdict that is kept says by it of which records it is. */
  readonly provenRoot: string | undefined;
  readonly checkpoints: number;
  /** The largest checkpoint that witnesses signed, and which. */
  readonly witnessed:
    | { readonly size: number; readonly nodes: readonly string[]; readonly timestampS: number }
    | undefined;
  readonly sources: readonly VerifiedSource[];
  /** Records with which a gateway compared what its searches read; undefined: nobody was asked. */
  readonly compared?: number;
  /** Records that sources declared lost. */
  readonly declaredLost: number;
  readonly findings: readonly Finding[];
  readonly leftOut: number;
}
