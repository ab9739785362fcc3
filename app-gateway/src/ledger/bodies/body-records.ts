import type { AuditRecord } from '@sallyport/shared/audit/record.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { type Orderer, ordererFields } from '../orderer.ts';
import { type Auditor, dayOfBody, sealedBodyHash } from './seal-body.ts';

/** The message whose body was sealed, in the words of the proxy's record of it: by these the two are found together. */
export interface BodyOrigin {
  readonly partner: string;
  readonly callId: string;
  readonly from: string;
  readonly to: string;
  readonly contentType?: string;
}

/** Fields of a record. */
type Fields = AuditRecord['fields'];

const REASON_CHARS_MIN = 8;

/** Whether somebody said why, and not just something. */
export function isReason(text: string): boolean {
  return text.trim().length >= REASON_CHARS_MIN;
}

/** The record of a body that a rule demanded: its hash and who can read it, never anything of the body. */
export function bodyRecorded(
  sealed: Buffer,
  auditors: readonly Auditor[],
  rule: string,
  origin: BodyOrigin,
): Fields {
  return {
    ...origin,
    rule,
    day: dayOfBody(sealed) ?? '',
    sealedBodyHash: sealedBodyHash(sealed),
    sealedBodySize: sealed.length,
    recipients: auditors.map(({ name }) => name),
  };
}

/** A wish to read a body. */
export interface Reveal extends Orderer {
  readonly reason: string;
  /** Place of the `body-recorded` record. */
  readonly recordIndex: number;
}

/** Why a body is not given out. */
export type RevealFault = 'reveal-without-reason' | 'reveal-no-body' | 'reveal-other-body';

/**
 * The record of a reading, to be written before the body is given out: who, why, which. The octets in the store must
 * be those that the ledger speaks of.
 */
export function bodyRevealed(
  { reason, recordIndex, ...orderer }: Reveal,
  recorded: AuditRecord,
  sealed: Buffer,
): Result<Fields, RevealFault> {
  if (!isReason(reason)) return err('reveal-without-reason');
  const { sealedBodyHash: hash, day, partner, callId, recipients } = recorded.fields;
  if (recorded.type !== 'body-recorded' || hash === undefined) return err('reveal-no-body');
  if (!sealedBodyHash(sealed).equals(hash)) return err('reveal-other-body');
  return ok({
    ...ordererFields(orderer),
    note: reason.trim(),
    recordIndex: BigInt(recordIndex),
    sealedBodyHash: hash,
    ...(day === undefined ? {} : { day }),
    ...(partner === undefined ? {} : { partner }),
    ...(callId === undefined ? {} : { callId }),
    ...(recipients === undefined ? {} : { recipients }),
  });
}
