import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  algorithm,
  basicConstraints,
  bitString,
  der,
  ecKey,
  extendedKeyUsage,
  extension,
  keyUsage,
  nameConstraints,
  Oid,
  sequence,
  subjectAltName,
  type TestKey,
} from '../../x509-builder.ts';
import {
  authority,
  below,
  dns,
  type Entity,
  endEntity,
  judge,
  MIDDLE,
  ROOT,
  root,
  under,
} from './path-stage.ts';

const SECOND_MS = 1000;
const START_MS = Date.UTC(2024, 2, 1);
const END_MS = Date.UTC(2024, 3, 1);
const MADE_UP = '1.3.6.1.4.1.55738.666.1';
const SUBJECT_ALT_NAME = '2.5.29.17';
const unknownCritical = extension(MADE_UP, true, Buffer.alloc(0));

describe('what x509-limbo expects of certificates and paths, with our own', () => {
  const rows: readonly (readonly [id: string, verdict: string, run: () => string])[] = [
    [
      'ee-empty-issuer',
      'path-name-empty',
      () => {
        return under({ ...root, subject: '' });
      },
    ],
    [
      'unknown-critical-extension-intermediate',
      'path-critical-extension-unhandled',
      () => below(authority({ ...MIDDLE, more: [unknownCritical] }, root)),
    ],
    [
      'root-missing-basic-constraints',
      'path-issuer-not-ca',
      () => under(authority({ ...ROOT, basicConstraints: null })),
    ],
    [
      'root-non-critical-basic-constraints',
      'path-issuer-not-ca',
      () =>
        under(authority({ ...ROOT, basicConstraints: basicConstraints(true, undefined, false) })),
    ],
    ['ee-aia', 'accepted', () => under(root, { more: [aia(false)] }, 'peer.example')],
    [
      'ca-as-leaf-wrong-san',
      'name-not-covered',
      () => {
        const leaf = authority(
          { ...MIDDLE, keyUsage: keyUsage(0, 5), names: dns('ca.example') },
          root,
        );
        return judge({ leaf, anchors: [root], domain: 'other-ca.example' });
      },
    ],
    [
      'san::malformed',
      'certificate-extensions-malformed',
      () => under(root, { names: extension(SUBJECT_ALT_NAME, false, Buffer.from('example.com')) }),
    ],
    ['san::noncritical-with-empty-subject', 'path-name-empty', () => under(root, { subject: '' })],
    [
      'eku::ee-wrong-eku',
      'path-purpose-refused',
      () => under(root, { purposes: extendedKeyUsage([Oid.clientAuth]) }),
    ],
    [
      'eku::ee-eku-empty',
      'certificate-extensions-malformed',
      () => under(root, { purposes: extendedKeyUsage([]) }),
    ],
    ['validity::notbefore-fractional', 'path-not-yet-valid', () => dated(START_MS - 1)],
    ['validity::notafter-fractional', 'accepted', () => dated(END_MS + 5)],
    [
      'validity::notafter-fractional, a second later',
      'path-expired',
      () => dated(END_MS + SECOND_MS),
    ],
    [
      'pathlen::ee-with-intermediate-pathlen-1',
      'accepted',
      () => below(authority({ ...MIDDLE, basicConstraints: basicConstraints(true, 1) }, root)),
    ],
    [
      'pathlen::self-issued-certs-pathlen',
      'accepted',
      () => {
        const first = authority({ ...MIDDLE, basicConstraints: basicConstraints(true, 1) }, root);
        const again = authority({ ...MIDDLE, basicConstraints: basicConstraints(true, 1) }, first);
        const last = authority(
          { subject: 'CN=last', basicConstraints: basicConstraints(true, 0) },
          again,
        );
        return judge({
          leaf: endEntity(last),
          anchors: [root],
          intermediates: [first, again, last],
        });
      },
    ],
    [
      'pathlen::max-chain-depth-0-exhausted',
      'path-too-long',
      () => {
        const middle = authority(MIDDLE, root);
        return held(0, endEntity(middle), middle);
      },
    ],
    [
      'pathlen::max-chain-depth-1-self-issued',
      'accepted',
      () => {
        const first = authority(MIDDLE, root);
        const again = authority(MIDDLE, first);
        return held(1, endEntity(again), first, again);
      },
    ],
    [
      'pathological::pathological-chain-same-subject-same-key',
      'path-not-found',
      () => {
        const ica = { subject: 'CN=ica', key: ecKey() };
        const intermediates = Array.from({ length: 100 }, () => authority(ica));
        return judge({ leaf: endEntity(entity(ica)), anchors: [root], intermediates });
      },
    ],
    [
      'pathological::nc-dos-2 and -3, without so many names below',
      'path-not-found',
      () => {
        const numbered = Array.from({ length: 513 }, (_, n) => `dns:x${n}.test`);
        return under(authority({ ...ROOT, more: [nameConstraints([], numbered)] }));
      },
    ],
    [
      'pathological::nc-dos-1',
      'certificate-extensions-malformed',
      () => {
        const numbered = (letter: string) =>
          Array.from({ length: 513 }, (_, n) => `dns:${letter}${n}.test`);
        const more = [nameConstraints([...numbered('t'), 'dns:.test'], numbered('x'))];
        const names = subjectAltName([...numbered('t'), 'dns:.test'], true);
        return under(authority({ ...ROOT, more }), { subject: '', names }, 't0.test');
      },
    ],
    [
      'pathological::intermediate-cycle-distinct-cas',
      'path-not-found',
      () => {
        const [one, other] = [
          { subject: 'CN=1', key: ecKey() },
          { subject: 'CN=2', key: ecKey() },
        ];
        const cycle = [authority(one, entity(other)), authority(other, entity(one))];
        return judge({ leaf: endEntity(entity(one)), anchors: [root], intermediates: cycle });
      },
    ],
    [
      'invalid::invalid-issuer-key',
      'path-key-refused',
      () => {
        const empty = sequence(
          algorithm('1.2.840.113549.1.1.1', der(0x05)),
          bitString(Buffer.alloc(0)),
        );
        const middle = authority(
          { ...MIDDLE, key: { privateKey: ecKey().privateKey, spki: empty } },
          authority({ subject: 'CN=else' }),
        );
        return below(middle);
      },
    ],
    ['cve::cve-2024-0567', 'accepted', crossSigned],
  ];
  for (const [id, verdict, run] of rows) {
    it(`${id}: ${verdict}`, () => assert.equal(run(), verdict));
  }
});

function entity({ subject, key }: { subject: string; key: TestKey }): Entity {
  return { subject, key, der: Buffer.alloc(0) };
}

/** What a policy of so many intermediates says. */
function held(intermediatesMax: number, leaf: Entity, ...intermediates: readonly Entity[]): string {
  return judge({ leaf, anchors: [root], intermediates, policy: { intermediatesMax } });
}

function aia(isCritical: boolean): Buffer {
  const description = sequence(
    Buffer.from('06082b06010505073002', 'hex'),
    der(0x82, Buffer.from('example.com')),
  );
  return extension('1.3.6.1.5.5.7.1.1', isCritical, sequence(description));
}

function dated(atMs: number): string {
  const dates = { notBeforeMs: START_MS, notAfterMs: END_MS };
  const anchor = authority({ ...ROOT, ...dates });
  return judge({ leaf: endEntity(anchor, dates), anchors: [anchor], atMs });
}

/** A, B and C have signed each other; only A is trusted, by its self-signed certificate. */
function crossSigned(): string {
  const [a, b, c] = ['A', 'B', 'C'].map((name) => ({ subject: `CN=Root ${name}`, key: ecKey() }));
  assert.ok(a !== undefined && b !== undefined && c !== undefined);
  const all = [a, b, c];
  const crossed = all.flatMap((by) =>
    all.filter((of) => of !== by).map((of) => authority(of, entity(by))),
  );
  const below = all.map((by) => authority({ subject: `${by.subject}1` }, entity(by)));
  const leaf = endEntity(below[0] as Entity, {
    subject: '',
    names: subjectAltName(['dns:peer.example'], true),
  });
  const intermediates = [...crossed, ...below].toReversed();
  return judge({ leaf, anchors: [authority(a)], intermediates, domain: 'peer.example' });
}
