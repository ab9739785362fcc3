import type { Result } from '@sallyport/shared/result.ts';
import type { Sighting } from '../domain/exchange/sighting/sighting.ts';
import type { StoreFailure } from './state-store.ts';

/** Port. Where evidence of live handshakes goes: on it old keys are retired, and new ones become `seen`. */
export interface SightingSink {
  /** Adds them up by partner, direction, key and spki; called every few seconds, and never by two at once. */
  recordSightings(sightings: readonly Sighting[]): Promise<Result<undefined, StoreFailure>>;
  /** This gateway sees a key for the first time since it started; whoever listens works later, not now. */
  seen(sighting: Sighting): void;
}
