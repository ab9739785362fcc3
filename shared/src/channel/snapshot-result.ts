import { flag, integer, ofPayload, record, text } from './strict-json.ts';

/** What a proxy answers to a snapshot: in use from now on, or refused and why. */
export interface SnapshotResult {
  readonly version: number;
  readonly accepted: boolean;
  readonly reason?: string;
}

const snapshotResult = record<SnapshotResult>(
  {
    // 0 when the offer could not be read so far.
    version: integer(0, Number.MAX_SAFE_INTEGER),
    accepted: flag,
    reason: text(4096, /^\P{Cc}*$/u, 'text without control characters'),
  },
  ['reason'],
);

export const decodeSnapshotResult = ofPayload(snapshotResult);
