import { readVersion, skipUniqueIds } from './certificate.ts';
import { contextTag, DerReader, readSigned, Tag } from './der-reader.ts';
import { sequence } from './der-writer.ts';
import { readDistinguishedName } from './distinguished-name.ts';
import { readExtensions } from './extensions.ts';
import { publicKeyInfo } from './public-key.ts';
import { readValidityTime } from './validity-time.ts';

/** What an extension is called, and what is mostly wrong with one that cannot be read. */
const EXTENSIONS: ReadonlyMap<string, readonly [name: string, hint?: string]> = new Map([
  ['2.5.29.14', ['subjectKeyIdentifier']],
  ['2.5.29.15', ['keyUsage']],
  [
    '2.5.29.17',
    [
      'subjectAltName',
      'a name has characters that none may have, or an address another length than 4 or 16',
    ],
  ],
  ['2.5.29.19', ['basicConstraints']],
  [
    '2.5.29.30',
    [
      'nameConstraints',
      'it is empty, a host name in it begins with a dot, a network has a mask with holes, or a range is given',
    ],
  ],
  ['2.5.29.32', ['certificatePolicies']],
  ['2.5.29.33', ['policyMappings']],
  ['2.5.29.35', ['authorityKeyIdentifier']],
  ['2.5.29.36', ['policyConstraints', 'it is empty, or a number is negative or above 2147483647']],
  ['2.5.29.37', ['extendedKeyUsage']],
  ['2.5.29.54', ['inhibitAnyPolicy', 'its number is negative or above 2147483647']],
]);

type Part = readonly [name: string, read: (reader: DerReader) => void];

const PARTS: readonly Part[] = [
  ['its version is none of 1, 2 and 3', (reader) => void readVersion(reader)],
  ['its serial number is padded or missing', (reader) => void reader.integer()],
  ['its signature algorithm is not DER', (reader) => void reader.whole(Tag.sequence)],
  ['the name of its issuer is malformed', (reader) => void readDistinguishedName(reader)],
  ['a date is no day since 1950, or not written as YYMMDDhhmmssZ or YYYYMMDDhhmmssZ', readDates],
  ['its own name is malformed', (reader) => void readDistinguishedName(reader)],
  ['its public key is malformed', (reader) => void publicKeyInfo(reader)],
  ['something stands before its extensions that does not belong there', toExtensions],
];

/**
 * Says in words which part of a certificate breaks the rules, for one that `parseCertificate` has refused.
 *
 * Its code is enough for a log, and too little for an operator who has to tell the partner what to mend.
 */
export function whyUnreadable(der: Buffer): string {
  const { whole, tbs, algorithm: outerAlgorithm } = readSigned(der);
  if (whole.failed) return 'it is cut off, has something behind it, or is no certificate in DER';

  const reader = DerReader.over(tbs).enter(Tag.sequence);
  for (const [what, read] of PARTS) {
    read(reader);
    if (reader.failed) return what;
  }
  const hasExtensions = reader.hasMore;
  return extensionsFault(reader) ?? wholeFault(tbs, outerAlgorithm, hasExtensions);
}

function readDates(reader: DerReader): void {
  const validity = reader.enter(Tag.sequence);
  readValidityTime(validity);
  readValidityTime(validity);
  validity.finish();
}

function toExtensions(reader: DerReader): void {
  skipUniqueIds(reader);
  if (reader.hasMore && reader.peek() !== contextTag(3, true)) reader.fail();
}

/** Each extension is read alone: the first that cannot be is the one to name. */
function extensionsFault(reader: DerReader): string | undefined {
  if (!reader.hasMore) return undefined;
  const list = reader.enter(contextTag(3, true)).enter(Tag.sequence);
  if (!list.hasMore) return 'its list of extensions is empty or malformed';
  const seen = new Set<string>();
  while (list.hasMore) {
    const one = list.whole(Tag.sequence);
    const type = DerReader.over(one).enter(Tag.sequence).objectIdentifier();
    const alone = DerReader.over(sequence(one));
    readExtensions(alone);
    const [name, hint] = EXTENSIONS.get(type) ?? [`extension ${type}`];
    if (seen.has(type)) return `${name} is in it twice`;
    if (alone.failed) return `${name} is malformed${hint === undefined ? '' : `: ${hint}`}`;
    seen.add(type);
  }
  return reader.failed ? 'its list of extensions is malformed' : undefined;
}

/** What is seen only of the certificate as a whole. */
function wholeFault(tbs: Buffer, outerAlgorithm: Buffer, hasExtensions: boolean): string {
  const reader = DerReader.over(tbs).enter(Tag.sequence);
  if (readVersion(reader) < 3 && hasExtensions) return 'it has extensions but is not of version 3';
  reader.integer();
  return reader.whole(Tag.sequence).equals(outerAlgorithm)
    ? 'it is larger than 32 KiB, or holds more than is read'
    : 'it names two different signature algorithms';
}
