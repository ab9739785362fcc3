import type { Certificate } from './certificate.ts';

/** The dates of a certificate. */
type Validity = Pick<Certificate, 'notBeforeMs' | 'notAfterMs'>;

/** When a certificate is due to be renewed: two thirds of its life are over. */
export function renewalDueMs({ notBeforeMs, notAfterMs }: Validity): number {
  return notBeforeMs + ((notAfterMs - notBeforeMs) * 2) / 3;
}

/** From when on people must hear of it: half of the time to renew it has passed in vain. */
export function renewalOverdueMs(validity: Validity): number {
  return (renewalDueMs(validity) + validity.notAfterMs) / 2;
}

const RETRY_MS_MIN = 1000;
const RETRY_MS_MAX = 600_000;
const DOUBLINGS_MAX = 4;

/**
 * How long to wait after the given number of failed attempts, 1 and up; `random` is uniform in [0, 1).
 *
 * Grows from a hundredth of the time to renew to a sixth of it: there are always several attempts left.
 */
export function renewalRetryMs(validity: Validity, failures: number, random: number): number {
  const timeMs = validity.notAfterMs - renewalDueMs(validity);
  const firstMs = Math.min(Math.max(timeMs / 100, RETRY_MS_MIN), RETRY_MS_MAX);
  const grownMs = firstMs * 2 ** Math.min(failures - 1, DOUBLINGS_MAX);
  return Math.max(Math.min(grownMs, timeMs / 6), RETRY_MS_MIN) * (0.75 + random / 2);
}
