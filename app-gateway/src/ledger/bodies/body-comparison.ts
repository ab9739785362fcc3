import { hash } from 'node:crypto';
import type { AuditRecord } from '@sallyport/shared/audit/record.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { isReason } from './body-records.ts';

/** A wish to know whether a text is what a message said. */
export interface Comparison {
  /** The operator who asks. */
  readonly author: string;
  readonly reason: string;
  /** Place of the record of the message. */
  readonly recordIndex: number;
  readonly body: Buffer;
}

/** Why nothing is compared. */
export type ComparisonFault = 'match-without-reason' | 'match-no-hash';

/** How the text had to be taken to be the body: as it is, or with the line ends that it had on its way. */
export type Reading = 'as-it-is' | 'without-last-line-end' | 'crlf' | 'crlf-without-last-line-end';

/** What came of a comparison: nothing where the text is another. */
export interface Compared {
  readonly reading?: Reading;
  /** Of the record that is to be written before anybody is told. */
  readonly fields: AuditRecord['fields'];
}

/**
 * Holds a text against the hash that the edge put on record of a body (`bodyHash`: SHA-256 of the site's salt and the
 * body). Nothing of the text is in the record of the comparison.
 */
export function compareBody(
  { author, reason, recordIndex, body }: Comparison,
  { fields: { bodyHash, partner, callId } }: AuditRecord,
  salt: Buffer,
): Result<Compared, ComparisonFault> {
  if (!isReason(reason)) return err('match-without-reason');
  if (bodyHash === undefined) return err('match-no-hash');
  const match = readingsOf(body).find(([, octets]) =>
    hash('sha256', Buffer.concat([salt, octets]), 'buffer').equals(bodyHash),
  );
  return ok({
    ...(match === undefined ? {} : { reading: match[0] }),
    fields: {
      author,
      note: reason.trim(),
      recordIndex: BigInt(recordIndex),
      verdict: match === undefined ? 'different' : 'same',
      ...(partner === undefined ? {} : { partner }),
      ...(callId === undefined ? {} : { callId }),
    },
  });
}

/** Whoever types or pastes a text into a file gets other line ends than a message has, and one more. */
function readingsOf(body: Buffer): readonly (readonly [Reading, Buffer])[] {
  const crlf = Buffer.from(body.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');
  return [
    ['as-it-is', body],
    ['without-last-line-end', withoutLastLineEnd(body)],
    ['crlf', crlf],
    ['crlf-without-last-line-end', withoutLastLineEnd(crlf)],
  ];
}

function withoutLastLineEnd(octets: Buffer): Buffer {
  return Buffer.from(octets.toString('latin1').replace(/\r?\n$/, ''), 'latin1');
}
