import type { Clock } from '@sallyport/shared/io/clock.ts';
import type { Logger } from '@sallyport/shared/io/json-log.ts';
import type { HashSeed } from '@sallyport/shared/net/text-table.ts';
import type { Bundle } from '../bundle/bundle.ts';
import type { Counters } from '../health/counters.ts';
import type { HostUse } from '../identity/host-use.ts';
import type { RevocationOf } from '../identity/revocation-seam.ts';

/** What the edge of one worker is made with. */
export interface EdgeOptions {
  readonly bundle: Bundle;
  readonly worker: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** What partners use of this host's other workers; absent where there are none. */
  readonly hostUse?: HostUse | undefined;
  readonly counters: Counters;
  /** Of this program, for the record. */
  readonly programVersion: string;
  /** Unpredictable; starts every To tag. */
  readonly tagPrefix: string;
  /** What is known of revoked certificates. */
  readonly revocationOf?: RevocationOf | undefined;
  /** Unpredictable too. */
  readonly hashSeed: HashSeed;
  /** Partners can connect now, on these ports. */
  readonly listening: (ports: readonly number[]) => void;
  /** A gateway's answer to a request for a certificate. */
  readonly certificateIssued: (exchange: number, bytes: Buffer, start: number, end: number) => void;
  /** A listener could not be opened: this worker is of no use. */
  readonly failed: (cause: unknown) => void;
  /** Partners can connect from now on, or cannot. */
  readonly turned?: (isIn: boolean) => void;
}
