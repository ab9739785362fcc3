import { err, type Result } from '@sallyport/shared/result.ts';
import { decodePem } from '@sallyport/shared/x509/pem.ts';
import {
  parseRevocationList,
  type RevocationList,
  type RevocationListFault,
} from '@sallyport/shared/x509/revocation-list.ts';

/** A revocation list that a snapshot brought for one partner, parsed or not to be read. */
export interface GivenList {
  readonly pem: string;
  readonly parsed: Result<RevocationList, RevocationListFault>;
}

/**
 * Parses a partner's lists, or takes those that were parsed from the same text before.
 *
 * One that cannot be read stays out of use and keeps no snapshot from being used: a snapshot may sever a partner.
 */
export function givenLists(
  pems: readonly string[],
  known: readonly GivenList[],
): readonly GivenList[] {
  return pems.map((pem) => known.find((list) => list.pem === pem) ?? { pem, parsed: parsed(pem) });
}

function parsed(pem: string): GivenList['parsed'] {
  const [der] = decodePem(pem, 'X509 CRL');
  return der === undefined ? err('list-malformed') : parseRevocationList(der);
}
