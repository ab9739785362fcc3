import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  mayDo,
  type OperatorRecord,
  roleRefusal,
} from '@sallyport/app-gateway/domain/exchange/operator/operator-record.ts';
import {
  commandPayload,
  PAYLOAD_BYTES_MAX,
  type SignedCommand,
  verifySignedCommand,
} from '@sallyport/app-gateway/domain/exchange/signed-command.ts';
import { signedFile } from '@sallyport/app-gateway/domain/exchange/signed-file.ts';
import { codeOf, done, NOW_MS } from './exchange-fixture.ts';

const annKey = generateKeyPairSync('ed25519');
const bobKey = generateKeyPairSync('ed25519');
const operators: readonly OperatorRecord[] = [
  operator('ann', annKey.publicKey.export({ type: 'spki', format: 'pem' })),
  {
    ...operator('bob', bobKey.publicKey.export({ type: 'spki', format: 'pem' })),
    isDisabled: true,
  },
  operator('rsa', rsaPem()),
];
const command: SignedCommand = {
  command: ['partner', 'verify'],
  parameters: { partner: 'globex', file: { name: 'a.pem', sha256: '00', bytes: 3 } },
  site: 'acme',
  operator: 'ann',
  atMs: NOW_MS,
  nonce: 'n'.repeat(22),
};

function opened(payload: string, nowMs = NOW_MS, key = annKey.privateKey): string {
  const signature = sign(null, Buffer.from(payload), key).toString('base64');
  return codeOf(verifySignedCommand(operators, payload, signature, 'acme', nowMs));
}

const changed = (change: Partial<SignedCommand>) => commandPayload({ ...command, ...change });
const text = commandPayload(command);
const oddlyNamed = Object.fromEntries([['__proto__', { a: 1 }]]);
const nested = (depth: number) =>
  Array.from({ length: depth }).reduce<unknown>((inner) => [inner], 1);
const padded = (bytes: number) => changed({ parameters: { text: 'x'.repeat(bytes) } });
const room = PAYLOAD_BYTES_MAX - padded(0).length;

const rows: readonly (readonly [string, string, string])[] = [
  ['as it should be', text, 'done'],
  ['of an unknown operator', changed({ operator: 'eve' }), 'operator-unknown'],
  ['of an operator without Ed25519 key', changed({ operator: 'rsa' }), 'signature-wrong'],
  ['for another site', changed({ site: 'other' }), 'site-wrong'],
  ['without label', text.slice(text.indexOf('{')), 'payload-malformed'],
  ['with a space more', text.replace(':', ': '), 'payload-malformed'],
  ['with a key twice', text.replace('{', '{"site":"acme",'), 'payload-malformed'],
  ['with a key more', text.replace('{', '{"aaa":1,'), 'payload-malformed'],
  ['with a short nonce', changed({ nonce: 'n'.repeat(21) }), 'payload-malformed'],
  ['without words', changed({ command: [] }), 'payload-malformed'],
  ['with an odd word', changed({ command: ['../x'] }), 'payload-malformed'],
  ['with five words', changed({ command: ['a', 'b', 'c', 'd', 'e'] }), 'payload-malformed'],
  ['with half a millisecond', changed({ atMs: NOW_MS + 0.5 }), 'payload-malformed'],
  ['nested as deep as it may', changed({ parameters: { x: nested(10) } }), 'done'],
  ['nested too deep', changed({ parameters: { x: nested(11) } }), 'payload-malformed'],
  ['of brackets', `sallyport command v1\n${'['.repeat(60_000)}`, 'payload-malformed'],
  ['with an odd name', changed({ parameters: oddlyNamed }), 'done'],
  ['as large as it may be', padded(room), 'done'],
  ['a byte too large', padded(room + 1), 'payload-too-large'],
];

describe('a signed command', () => {
  for (const [what, payload, expected] of rows) {
    it(`${what}: ${expected}`, () => assert.equal(opened(payload), expected));
  }

  for (const [seconds, expected] of [
    [300, 'done'],
    [-300, 'done'],
    [300.001, 'clock-wrong'],
    [-300.001, 'clock-wrong'],
  ] as const) {
    it(`is opened ${seconds} s off: ${expected}`, () => {
      assert.equal(opened(text, NOW_MS + seconds * 1000), expected);
    });
  }

  it('is nothing under another key, and nothing of a disabled operator', () => {
    assert.equal(opened(text, NOW_MS, bobKey.privateKey), 'signature-wrong');
    assert.equal(
      opened(changed({ operator: 'bob' }), NOW_MS, bobKey.privateKey),
      'operator-disabled',
    );
    assert.equal(opened(changed({ operator: 'bob' })), 'signature-wrong');
  });

  it('takes one spelling of a signature', () => {
    const signature = sign(null, Buffer.from(text), annKey.privateKey).toString('base64');
    const open = (spelled: string) =>
      codeOf(verifySignedCommand(operators, text, spelled, 'acme', NOW_MS));
    assert.equal(open(signature), 'done');
    for (const wrong of ['', `${signature}\n`, signature.slice(0, -2), `${signature}AAAA`]) {
      assert.equal(open(wrong), 'signature-wrong');
    }
  });

  it('gives back whose and what it is', () => {
    const signature = sign(null, Buffer.from(text), annKey.privateKey).toString('base64');
    const opened = done(verifySignedCommand(operators, text, signature, 'acme', NOW_MS));
    assert.equal(opened.operator.name, 'ann');
    assert.deepEqual(opened.command, command.command);
    assert.deepEqual(opened.parameters, command.parameters);
  });
});

describe('a file in a signed command', () => {
  const content = Buffer.from('abc');
  it('is bound by its content, without its folder', () => {
    assert.deepEqual(signedFile('/home/ann/partner.pem', content), {
      name: 'partner.pem',
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      bytes: 3,
    });
  });
});

describe('roles', () => {
  const roles = ['auditor', 'operator', 'officer'] as const;
  for (const [have, role] of roles.entries()) {
    for (const [want, least] of roles.entries()) {
      it(`${role} where ${least} is asked for: ${have >= want}`, () => {
        assert.equal(mayDo(role, least), have >= want);
        const code = roleRefusal({ name: 'ann', role }, least)?.code;
        assert.equal(code, have >= want ? undefined : 'role-too-low');
      });
    }
  }
});

function operator(name: string, publicKeyPem: string): OperatorRecord {
  return { name, role: 'operator', publicKeyPem, isDisabled: false, addedAtMs: 0, addedBy: 'olga' };
}

function rsaPem(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return publicKey.export({ type: 'spki', format: 'pem' });
}
