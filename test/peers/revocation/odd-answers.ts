import { createHash, sign } from 'node:crypto';
import { DerReader, Tag } from '@sallyport/shared/x509/der-reader.ts';
import { distributionPoints, fullName, madeUp, pointName } from '../../shared/x509/list-stage.ts';
import { authority, type Entity, endEntity } from '../../shared/x509/path-stage.ts';
import {
  algorithm,
  bitString,
  der,
  ecKey,
  extendedKeyUsage,
  extension,
  keyUsage,
  nameOf,
  oid,
  sequence,
} from '../../x509-builder.ts';
import { DAY_MS, listRoot, NOW_MS, ROOT, SERIAL } from './list-question.ts';

/** What a responder says of a certificate of the plain authority. */
export interface AnswerQuestion {
  readonly name: string;
  readonly leaf: Buffer;
  readonly issuer: Buffer;
  readonly answer: Buffer;
  readonly atMs: number;
}

/** One statement; whatever is absent says that the certificate is good, from yesterday until tomorrow. */
interface Statement {
  readonly hash?: 'sha1' | 'sha256' | 'sha384';
  readonly hashParameters?: Buffer;
  readonly issuer?: Entity;
  readonly serial?: Buffer;
  readonly status?: Buffer;
  readonly thisUpdateMs?: number;
  readonly nextUpdateMs?: number | null;
  readonly extensions?: readonly Buffer[];
}

interface Answer {
  readonly statements?: readonly Statement[];
  readonly responder?: Entity;
  /** In DER, in place of the responder's name. */
  readonly responderId?: Buffer;
  readonly signer?: Entity;
  readonly certificates?: readonly Entity[];
  readonly extensions?: readonly Buffer[];
  readonly status?: number;
  readonly type?: string;
  readonly behind?: Buffer;
}

const DATES = { notBeforeMs: NOW_MS - 30 * DAY_MS, notAfterMs: NOW_MS + 300 * DAY_MS };
const ECDSA_SHA256 = algorithm('1.2.840.10045.4.3.2');
const HASHES = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
} as const;
const LEAF = endEntity(ROOT, { serial: SERIAL, ...DATES });
const ANOTHER = authority({ subject: 'CN=another root', ...DATES });
const NAMESAKE = listRoot({ key: ecKey() });
const MIDDLE = authority({ subject: 'CN=middle', ...DATES }, ROOT);
const SIGNING = extendedKeyUsage(['1.3.6.1.5.5.7.3.9']);
const NO_CHECK = extension('1.3.6.1.5.5.7.48.1.5', false, der(0x05));

type Oddities = Parameters<typeof endEntity>[1];

function delegate(oddities: Oddities = {}, issuer = ROOT): Entity {
  const usual = { subject: 'CN=responder', names: null, purposes: SIGNING, ...DATES };
  return endEntity(issuer, { ...usual, more: [NO_CHECK], ...oddities });
}

const REVOKED = der(0xa1, time(NOW_MS - 2 * DAY_MS));
const UNKNOWN = der(0x82);
const because = (reason: number) =>
  der(0xa1, time(NOW_MS - 2 * DAY_MS), der(0xa0, der(0x0a, Buffer.of(reason))));

function asked(name: string, answer: Answer = {}): AnswerQuestion {
  return { name, leaf: LEAF.der, issuer: ROOT.der, answer: encoded(answer), atMs: NOW_MS };
}

function stated(name: string, ...statements: readonly Statement[]): AnswerQuestion {
  return asked(name, { statements });
}

function delegated(name: string, responder: Entity, more: Answer = {}): AnswerQuestion {
  return asked(name, { responder, certificates: [responder], ...more });
}

const point = pointName(fullName('uri:http://lists.example/1'));
const criticalPoints = extension('2.5.29.31', true, sequence(sequence(point)));

/** Who answers, about whom, when and how (RFC 6960 §3.2, §4.2). */
export const oddAnswers: readonly AnswerQuestion[] = [
  stated('good', {}),
  stated('revoked', { status: REVOKED }),
  stated('unknown', { status: UNKNOWN }),
  ...[0, 1, 6, 7, 8, 11].map((n) => stated(`revoked for ${n}`, { status: because(n) })),
  stated('names by SHA-256', { hash: 'sha256' }),
  stated('names by SHA-384', { hash: 'sha384' }),
  stated('names without parameters', { hashParameters: Buffer.alloc(0) }),
  stated('another number', { serial: Buffer.of(0x52) }),
  stated('another issuer', { issuer: ANOTHER }),
  stated('another key of the issuer', { issuer: NAMESAKE }),
  stated('another first', { serial: Buffer.of(0x52), status: REVOKED }, {}),
  stated('another behind', {}, { serial: Buffer.of(0x52), status: REVOKED }),
  stated('good, then revoked', {}, { status: REVOKED }),
  stated('revoked, then good', { status: REVOKED }, {}),
  stated('nothing'),
  stated('no next update', { nextUpdateMs: null }),
  stated('past its end', { thisUpdateMs: NOW_MS - 9 * DAY_MS, nextUpdateMs: NOW_MS - DAY_MS }),
  stated('not yet', { thisUpdateMs: NOW_MS + DAY_MS, nextUpdateMs: NOW_MS + 2 * DAY_MS }),
  stated('an end before its beginning', { nextUpdateMs: NOW_MS - 2 * DAY_MS }),
  stated('unknown extension', { extensions: [madeUp(false)] }),
  stated('unknown critical extension', { extensions: [madeUp(true)] }),
  asked('unknown extension of all', { extensions: [madeUp(false)] }),
  asked('unknown critical extension of all', { extensions: [madeUp(true)] }),
  asked('by another key', { signer: NAMESAKE }),
  asked('by a namesake', { responder: NAMESAKE, certificates: [NAMESAKE] }),
  asked('by another authority', { responder: ANOTHER, certificates: [ANOTHER] }),
  asked('with the issuer in it', { certificates: [ROOT] }),
  asked('by name, in capitals', { responderId: der(0xa1, nameOf('CN=LIST ROOT')) }),
  asked('by the hash of another key', {
    responderId: der(0xa2, der(0x04, digest('sha1', keyBits(ANOTHER)))),
  }),
  asked('by the hash of the key', {
    responderId: der(0xa2, der(0x04, digest('sha1', keyBits(ROOT)))),
  }),
  delegated('by a delegate', delegate()),
  delegated('by a delegate without no-check', delegate({ more: [] })),
  delegated(
    'by a delegate for any purpose',
    delegate({ purposes: extendedKeyUsage(['2.5.29.37.0']) }),
  ),
  delegated('by a server', delegate({ purposes: extendedKeyUsage(['1.3.6.1.5.5.7.3.1']) })),
  delegated('by a delegate without purpose', delegate({ purposes: null })),
  delegated('by a delegate that may not sign', delegate({ keyUsage: keyUsage(2) })),
  delegated('by a delegate with an unknown critical extension', delegate({ more: [madeUp(true)] })),
  delegated('by a delegate with critical points', delegate({ more: [criticalPoints] })),
  delegated('by a delegate with points', delegate({ more: [distributionPoints([point])] })),
  delegated(
    'by a delegate of the past',
    delegate({ notBeforeMs: NOW_MS - 9 * DAY_MS, notAfterMs: NOW_MS - DAY_MS }),
  ),
  delegated('by a delegate further down', delegate({}, MIDDLE), {
    certificates: [delegate({}, MIDDLE), MIDDLE],
  }),
  delegated('by a delegate of a namesake', delegate({}, NAMESAKE)),
  asked('by a delegate whose certificate is missing', { responder: delegate() }),
  asked('try later', { status: 3 }),
  asked('another type', { type: '1.3.6.1.5.5.7.48.1.2' }),
  asked('something behind it', { behind: Buffer.of(0) }),
];

function encoded(answer: Answer): Buffer {
  const { responder = ROOT, signer = responder, certificates = [], extensions = [] } = answer;
  const tbs = sequence(
    answer.responderId ?? der(0xa1, nameOf(responder.subject)),
    time(NOW_MS - DAY_MS),
    sequence(...(answer.statements ?? [{}]).map(statement)),
    ...(extensions.length === 0 ? [] : [der(0xa1, sequence(...extensions))]),
  );
  const basic = sequence(
    tbs,
    ECDSA_SHA256,
    bitString(sign('sha256', tbs, signer.key.privateKey)),
    ...(certificates.length === 0
      ? []
      : [der(0xa0, sequence(...certificates.map((each) => each.der)))]),
  );
  const bytes = sequence(oid(answer.type ?? '1.3.6.1.5.5.7.48.1.1'), der(0x04, basic));
  const { status = 0, behind = Buffer.alloc(0) } = answer;
  const whole = status === 0 ? [der(0xa0, bytes)] : [];
  return Buffer.concat([sequence(der(0x0a, Buffer.of(status)), ...whole), behind]);
}

function statement({
  hash = 'sha1',
  hashParameters = der(0x05),
  issuer = ROOT,
  serial = SERIAL,
  status = der(0x80),
  thisUpdateMs = NOW_MS - DAY_MS,
  nextUpdateMs = NOW_MS + DAY_MS,
  extensions = [],
}: Statement): Buffer {
  return sequence(
    sequence(
      algorithm(HASHES[hash], hashParameters),
      der(0x04, digest(hash, nameOf(issuer.subject))),
      der(0x04, digest(hash, keyBits(issuer))),
      der(0x02, serial),
    ),
    status,
    time(thisUpdateMs),
    ...(nextUpdateMs === null ? [] : [der(0xa0, time(nextUpdateMs))]),
    ...(extensions.length === 0 ? [] : [der(0xa1, sequence(...extensions))]),
  );
}

function digest(hash: string, bytes: Buffer): Buffer {
  return createHash(hash).update(bytes).digest();
}

function keyBits({ key }: Entity): Buffer {
  const reader = DerReader.over(key.spki).enter(Tag.sequence);
  reader.enter(Tag.sequence);
  return reader.octetsOfBitString();
}

function time(ms: number): Buffer {
  return der(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')}`));
}
