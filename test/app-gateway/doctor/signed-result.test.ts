import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import {
  RESULT_BYTES_MAX,
  readResult,
  writeResult,
} from '@sallyport/app-gateway/doctor/signed-result.ts';
import { TRIES_MAX, type ZoneResult } from '@sallyport/app-gateway/doctor/zone-result.ts';
import { spkiBase64 } from '@sallyport/shared/x509/spki.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const signer = { kind: 'node', name: 'edge-1', key: privateKey } as const;
const result: ZoneResult = {
  site: 'acme',
  planSha256: 'a'.repeat(64),
  zone: 'outer-dmz',
  host: 'edge-a',
  addresses: ['192.0.2.11'],
  madeAtMs: Date.UTC(2026, 10, 21, 12),
  tookMs: 4000,
  tries: [
    {
      host: 'app-a',
      address: '10.2.0.21',
      protocol: 'tcp',
      port: 5071,
      source: '192.0.2.11',
      seen: 'silent',
    },
    { host: 'edge-b', address: '2001:db8:1::12', protocol: 'tcp', port: 5061, seen: 'not-tried' },
  ],
  listening: {
    places: [{ protocol: 'tcp', address: '0.0.0.0', port: 22 }],
    ephemeral: { first: 32_768, last: 60_999 },
  },
};

describe('a result as a file', () => {
  it('comes back as it was written, with whose it is', () => {
    const read = readResult(Buffer.from(writeResult(result, signer)));
    assert.ok(read.ok);
    assert.deepEqual(read.value.result, result);
    assert.deepEqual(read.value.signedBy, {
      kind: 'node',
      name: 'edge-1',
      publicKey: spkiBase64(privateKey),
    });
  });

  it('may be nobody’s, and of no host', () => {
    const { host: _host, listening: _listening, ...ofZone } = result;
    const read = readResult(Buffer.from(writeResult(ofZone)));
    assert.ok(read.ok);
    assert.deepEqual(read.value, { result: ofZone });
  });

  const changes: readonly (readonly [string, (text: string) => string, string])[] = [
    ['a changed fact', (text) => text.replace('"silent"', '"open"'), 'result-signature-wrong'],
    [
      'a changed name of the signer',
      (text) => text.replace('"edge-1"', '"edge-2"'),
      'result-signature-wrong',
    ],
    ['a changed time', (text) => text.replace('T12:', 'T13:'), 'result-signature-wrong'],
    [
      'a signature that is gone',
      (text) => text.replace(/,\s*"signature": "[^"]+"/, ''),
      'result-malformed',
    ],
    ['an unknown key', (text) => text.replace('"site"', '"sight"'), 'result-malformed'],
    ['an outcome that is none', (text) => text.replace('"silent"', '"shut"'), 'result-malformed'],
    ['markup for a name', (text) => text.replace('"edge-a"', '"<b>"'), 'result-malformed'],
    ['half of it', (text) => text.slice(0, text.length / 2), 'result-malformed'],
  ];
  for (const [what, change, fault] of changes) {
    it(`is not believed with ${what}`, () => {
      const text = writeResult(result, signer);
      const changed = change(text);
      assert.notEqual(changed, text);
      assert.deepEqual(readResult(Buffer.from(changed)), { ok: false, error: fault });
    });
  }

  it('holds as many tries as there may be, and no more', () => {
    const [one] = result.tries;
    assert.ok(one !== undefined);
    const of = (count: number) =>
      readResult(Buffer.from(writeResult({ ...result, tries: Array(count).fill(one) }))).ok;
    assert.equal(of(TRIES_MAX), true);
    assert.equal(of(TRIES_MAX + 1), false);
    assert.equal(readResult(Buffer.alloc(RESULT_BYTES_MAX + 1, ' ')).ok, false);
  });
});
