import { algorithm, der } from '../../x509-builder.ts';
import { keyOf, pss, RSA_SHA1, signedWith } from './chain-keys.ts';
import type { Draft } from './odd-chains.ts';
import { ANYWHERE, type Oddity, odd, shape } from './oddity.ts';

/** Keys, signatures, serial numbers and versions. */
export const keysOdd: readonly Oddity[] = [
  ...(
    [
      'p384',
      'p521',
      'p224',
      'koblitz',
      'brainpool',
      'explicit',
      'ed25519',
      'ed448',
      'rsa1024',
      'rsa2048',
      'rsa3072',
      'rsa4096',
      'rsaExponent3',
      'rsaSha1',
      'rsaPssSalt32',
      'rsaPssSalt20',
      'rsaPssKey',
    ] as const
  ).map((kind) =>
    shape(
      `key ${kind}`,
      ({ drafts }, at) => {
        drafts[at] = { ...(drafts[at] as Draft), key: keyOf(kind, 0) };
      },
      ANYWHERE,
    ),
  ),
  odd('inner and outer algorithm differ', ANYWHERE, {
    outerAlgorithm: algorithm('1.2.840.10045.4.3.3'),
  }),
  odd('ECDSA with NULL parameters', ANYWHERE, {
    innerAlgorithm: algorithm('1.2.840.10045.4.3.2', der(0x05)),
  }),
  odd('ECDSA with SHA-384', ANYWHERE, {
    innerAlgorithm: algorithm('1.2.840.10045.4.3.3'),
    signTbs: signedWith('sha384', Buffer.alloc(0)).signTbs,
  }),
  odd('ECDSA with SHA-1', ANYWHERE, {
    innerAlgorithm: algorithm('1.2.840.10045.4.1'),
    signTbs: signedWith('sha1', Buffer.alloc(0)).signTbs,
  }),
  odd('signature of nothing', ANYWHERE, { signTbs: () => Buffer.alloc(0) }),
  odd('signature turned', ANYWHERE, {
    signTbs: (tbs, key) => {
      const made = Buffer.from(signedWith('sha256', Buffer.alloc(0)).signTbs(tbs, key));
      made[20] = (made[20] as number) ^ 1;
      return made;
    },
  }),
  odd('algorithm of RSA', ANYWHERE, { innerAlgorithm: RSA_SHA1 }),
  odd('algorithm PSS', ANYWHERE, { innerAlgorithm: pss(32).algorithm }),
  odd('serial 0', ANYWHERE, { serial: Buffer.of(0) }),
  odd('serial -1', ANYWHERE, { serial: Buffer.of(0xff) }),
  odd('serial 20 octets', ANYWHERE, { serial: Buffer.alloc(20, 0x7f) }),
  odd('serial 21 octets, padded', ANYWHERE, {
    serial: Buffer.concat([Buffer.of(0), Buffer.alloc(20, 0x80)]),
  }),
  odd('serial 21 octets', ANYWHERE, { serial: Buffer.alloc(21, 0x7f) }),
  odd('serial not minimal', ANYWHERE, { serial: Buffer.of(0, 1) }),
  odd('serial empty', ANYWHERE, { serial: Buffer.alloc(0) }),
  odd('version 1', ANYWHERE, { version: 1 }),
  odd('version 2', ANYWHERE, { version: 2 }),
  odd('version 4', ANYWHERE, { version: 4 }),
];
