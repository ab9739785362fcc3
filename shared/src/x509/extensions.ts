import { contextTag, type DerReader, Tag } from './der-reader.ts';
import { type PointName, readDistributionPoints } from './distribution-points.ts';
import { readSubjectAltName, type SubjectAltName } from './general-name.ts';
import { type NameConstraints, readNameConstraints } from './name-constraints.ts';

/** Bits of the keyUsage extension that path validation asks for (RFC 5280 §4.2.1.3). */
export const KeyUsage = {
  digitalSignature: 1 << 0,
  keyEncipherment: 1 << 2,
  dataEncipherment: 1 << 3,
  keyAgreement: 1 << 4,
  keyCertSign: 1 << 5,
  cRLSign: 1 << 6,
  encipherOnly: 1 << 7,
  decipherOnly: 1 << 8,
} as const;

/** The extensions of a certificate that this edge understands (RFC 5280 §4.2). */
export interface Extensions {
  readonly basicConstraints:
    | {
        readonly isCritical: boolean;
        readonly isCa: boolean;
        readonly pathLength: number | undefined;
      }
    | undefined;
  readonly keyUsage: number | undefined;
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly subjectAltName: SubjectAltName | undefined;
  readonly nameConstraints: NameConstraints | undefined;
  readonly certificatePolicies: readonly string[] | undefined;
  readonly hasPolicyMappings: boolean;
  /** How many more certificates may stand below before a policy is demanded. */
  readonly requireExplicitPolicy: number | undefined;
  readonly inhibitAnyPolicy: number | undefined;
  /** Where the issuer says that its revocation lists are; what cannot be read is as good as absent. */
  readonly revocationPoints: readonly PointName[];
  /** Whether it must not be relied on before one of them was asked: they are critical (ITU-T X.509). */
  readonly demandsRevocation: boolean;
  /** TLS extensions that a server with this certificate is bound to offer (RFC 7633 §4.1). */
  readonly tlsFeatures: readonly number[];
  /** Hints for the search only, in hex; never a proof. */
  readonly authorityKeyId: string | undefined;
  readonly subjectKeyId: string | undefined;
  /** Critical extensions that nothing here acts on: whoever relies on the certificate must refuse. */
  readonly unhandledCritical: readonly string[];
}

type Draft = { -readonly [Key in keyof Extensions]: Extensions[Key] } & {
  unhandledCritical: string[];
};

const EXTENSIONS_MAX = 40;
const LIST_MAX = 100;
/** A count of certificates below has no bound in the standard; tools that mean "any" write the largest of 32 bits. */
const COUNT_MAX = 2 ** 31 - 1;

const AUTHORITY_KEY_ID = '2.5.29.35';
const SUBJECT_KEY_ID = '2.5.29.14';
const CRL_DISTRIBUTION_POINTS = '2.5.29.31';
const TLS_FEATURE = '1.3.6.1.5.5.7.1.24';
/** The number of a TLS extension has two octets. */
const TLS_FEATURE_MAX = 65_535;

/** What the standard fixes: these two must not be critical, the others below must (RFC 5280 §4.2.1). */
const NEVER_CRITICAL: ReadonlySet<string> = new Set([AUTHORITY_KEY_ID, SUBJECT_KEY_ID]);
const NAME_CONSTRAINTS = '2.5.29.30';
const POLICY_MAPPINGS = '2.5.29.33';
const ANY_POLICY = '2.5.29.32.0';
/** A pointer to a statement, and a notice. */
const KNOWN_QUALIFIERS: ReadonlySet<string> = new Set(['1.3.6.1.5.5.7.2.1', '1.3.6.1.5.5.7.2.2']);
const POLICY_CONSTRAINTS = '2.5.29.36';
const INHIBIT_ANY_POLICY = '2.5.29.54';
const ALWAYS_CRITICAL: ReadonlySet<string> = new Set([
  NAME_CONSTRAINTS,
  POLICY_CONSTRAINTS,
  INHIBIT_ANY_POLICY,
]);

/** A certificate without extensions. */
export const noExtensions: Extensions = emptyDraft();

/**
 * Reads the extensions; one that occurs twice or is malformed is a breach (RFC 5280 §4.2).
 *
 * A criticality the standard forbids counts as a critical extension we do not handle: the CA and we
 * would not mean the same by it.
 */
export function readExtensions(reader: DerReader): Extensions {
  const draft = emptyDraft();
  const seen = new Set<string>();
  const sequence = reader.enter(Tag.sequence);
  if (!sequence.hasMore) reader.fail();
  while (sequence.hasMore) {
    const extension = sequence.enter(Tag.sequence);
    const type = extension.objectIdentifier();
    const isCritical = extension.peek() === Tag.boolean && extension.boolean();
    const content = extension.content(Tag.octetString);
    const value = extension.inside(content);
    extension.finish();
    if (reader.failed) break;
    const isWrong = isCritical ? NEVER_CRITICAL.has(type) : ALWAYS_CRITICAL.has(type);
    const isPoints = type === CRL_DISTRIBUTION_POINTS;
    const isHandled = isPoints
      ? notePoints(draft, content, isCritical)
      : readExtension(draft, type, value, isCritical);
    if (isHandled && !isPoints) value.finish();
    if (isWrong || (isCritical && !isHandled)) draft.unhandledCritical.push(type);
    if (seen.has(type) || seen.size >= EXTENSIONS_MAX) reader.fail();
    seen.add(type);
  }
  return draft;
}

/** A path may rest on a certificate without them, so what cannot be read fails it only where it is critical. */
function notePoints(draft: Draft, content: Buffer, isCritical: boolean): boolean {
  draft.revocationPoints = readDistributionPoints(content);
  draft.demandsRevocation = isCritical;
  return draft.revocationPoints.length > 0;
}

function readExtension(draft: Draft, type: string, value: DerReader, isCritical: boolean): boolean {
  switch (type) {
    case '2.5.29.19':
      draft.basicConstraints = { isCritical, ...readBasicConstraints(value) };
      return true;
    case '2.5.29.15':
      draft.keyUsage = value.namedBits();
      return true;
    case '2.5.29.37':
      draft.extendedKeyUsage = readList(value, (item) => item.objectIdentifier());
      return true;
    case '2.5.29.17':
      draft.subjectAltName = readSubjectAltName(value, isCritical);
      return true;
    case NAME_CONSTRAINTS:
      draft.nameConstraints = readNameConstraints(value);
      return true;
    case '2.5.29.32':
      return notePolicies(draft, value, isCritical);
    case POLICY_MAPPINGS:
      draft.hasPolicyMappings = true;
      if (mapsAnyPolicy(value)) draft.unhandledCritical.push(type);
      return true;
    case POLICY_CONSTRAINTS:
      draft.requireExplicitPolicy = readPolicyConstraints(value);
      return true;
    case INHIBIT_ANY_POLICY:
      draft.inhibitAnyPolicy = value.smallInteger(COUNT_MAX);
      return true;
    case AUTHORITY_KEY_ID:
      draft.authorityKeyId = readAuthorityKeyId(value);
      return true;
    case SUBJECT_KEY_ID:
      draft.subjectKeyId = value.content(Tag.octetString).toString('hex');
      return true;
    case TLS_FEATURE:
      draft.tlsFeatures = readList(value, (item) => item.smallInteger(TLS_FEATURE_MAX));
      // We hold servers to one feature of all and clients to none: whoever insists on them is not obeyed.
      return !isCritical;
    default:
      return false;
  }
}

function readBasicConstraints(reader: DerReader) {
  const sequence = reader.enter(Tag.sequence);
  const isCa = sequence.peek() === Tag.boolean && sequence.boolean();
  const pathLength = sequence.hasMore ? sequence.smallInteger(COUNT_MAX) : undefined;
  sequence.finish();
  return { isCa, pathLength };
}

function readList<Item>(reader: DerReader, read: (reader: DerReader) => Item): Item[] {
  const items: Item[] = [];
  const sequence = reader.enter(Tag.sequence);
  while (sequence.hasMore && items.length < LIST_MAX) items.push(read(sequence));
  sequence.finish();
  if (items.length === 0) reader.fail();
  return items;
}

/** Qualifiers are texts for people; but a critical extension is to be understood with them (RFC 5280 §4.2.1.4). */
function notePolicies(draft: Draft, reader: DerReader, isCritical: boolean): boolean {
  let isUnderstood = true;
  draft.certificatePolicies = readList(reader, (item) => {
    const policy = item.enter(Tag.sequence);
    const type = policy.objectIdentifier();
    if (isCritical && policy.hasMore) isUnderstood &&= hasKnownQualifiers(policy);
    return type;
  });
  return isUnderstood;
}

function hasKnownQualifiers(policy: DerReader): boolean {
  const types = readList(policy, (item) => item.enter(Tag.sequence).objectIdentifier());
  policy.finish();
  return types.every((type) => KNOWN_QUALIFIERS.has(type));
}

/** Mappings are not followed, but one of anyPolicy spoils the path whoever asks for policies (RFC 5280 §6.1.4 (a)). */
function mapsAnyPolicy(reader: DerReader): boolean {
  return readList(reader, (pair) => {
    const sequence = pair.enter(Tag.sequence);
    const policies = [sequence.objectIdentifier(), sequence.objectIdentifier()];
    sequence.finish();
    return policies.includes(ANY_POLICY);
  }).includes(true);
}

/** inhibitPolicyMapping is read and dropped: where a policy is demanded, no mapping is accepted. */
function readPolicyConstraints(reader: DerReader): number | undefined {
  const sequence = reader.enter(Tag.sequence);
  if (!sequence.hasMore) reader.fail();
  const explicit = contextTag(0, false);
  const mapping = contextTag(1, false);
  const required =
    sequence.peek() === explicit ? sequence.smallInteger(COUNT_MAX, explicit) : undefined;
  if (sequence.peek() === mapping) sequence.smallInteger(COUNT_MAX, mapping);
  sequence.finish();
  return required;
}

/** Issuer and serial number, the other way to name a key, are left unread: this is only a hint. */
function readAuthorityKeyId(reader: DerReader): string | undefined {
  const sequence = reader.enter(Tag.sequence);
  const tag = contextTag(0, false);
  return sequence.peek() === tag ? sequence.content(tag).toString('hex') : undefined;
}

function emptyDraft(): Draft {
  return {
    basicConstraints: undefined,
    keyUsage: undefined,
    extendedKeyUsage: undefined,
    subjectAltName: undefined,
    nameConstraints: undefined,
    certificatePolicies: undefined,
    hasPolicyMappings: false,
    requireExplicitPolicy: undefined,
    inhibitAnyPolicy: undefined,
    revocationPoints: [],
    demandsRevocation: false,
    tlsFeatures: [],
    authorityKeyId: undefined,
    subjectKeyId: undefined,
    unhandledCritical: [],
  };
}
