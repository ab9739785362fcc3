import assert from 'node:assert/strict';
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type DoctorReportOptions,
  doctorReport,
} from '@sallyport/app-gateway/cli/doctor/doctor-report.ts';
import { writeOperatorKey } from '@sallyport/app-gateway/cli/keys/operator-key-file.ts';
import { writeResult } from '@sallyport/app-gateway/doctor/signed-result.ts';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { lookedFrom, MADE_AT_MS, PLACES } from '../../doctor/looked-from.ts';
import { planned } from '../../plan/site-on-a-network.ts';
import { surroundingsOf } from '../test-surroundings.ts';

const HOUR_MS = 3_600_000;
const PASSPHRASE = 'four or five words';
const folder = mkdtempSync(join(tmpdir(), 'sallyport-proof-'));
const surroundings = surroundingsOf(folder, { nowMs: () => MADE_AT_MS + HOUR_MS });
const write = (name: string, text: string | Buffer) => writeFileSync(join(folder, name), text);
const keys = new Map(
  ['edge-1', 'edge-2', 'gateway-1', 'gateway-2', 'anna'].map((name) => [
    name,
    generateKeyPairSync('ed25519').privateKey,
  ]),
);
const NODES = new Map([
  ['edge-a', 'edge-1'],
  ['edge-b', 'edge-2'],
  ['app-a', 'gateway-1'],
  ['app-b', 'gateway-2'],
]);
const files: string[] = [];

before(() => {
  const plan = planned();
  const text = JSON.stringify(plan);
  write('matrix.json', text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  for (const [at, place] of PLACES.entries()) {
    const result = lookedFrom({ plan, sha256 }, place);
    const node = NODES.get(result.host ?? '');
    const name = node ?? 'anna';
    const key = keys.get(name);
    assert.ok(key !== undefined);
    const file = `seen-${at}.json`;
    write(file, writeResult(result, { kind: node === undefined ? 'operator' : 'node', name, key }));
    files.push(file);
  }
  const nodes = [...keys].filter(([name]) => name !== 'anna');
  write(
    'witnesses.json',
    JSON.stringify(
      Object.fromEntries(nodes.map(([name, key]) => [name, rawPublicKey(key).toString('base64')])),
    ),
  );
  const anna = keys.get('anna');
  assert.ok(anna !== undefined);
  write('anna.pub', createPublicKey(anna).export({ type: 'spki', format: 'pem' }));
  write('passphrase', PASSPHRASE);
  assert.ok(writeOperatorKey(join(folder, 'otto.key'), 'otto', PASSPHRASE).ok);
});
after(() => rmSync(folder, { recursive: true }));

function report(change: Partial<DoctorReportOptions> = {}) {
  return doctorReport(
    { report: files, against: 'matrix.json', keys: ['witnesses.json', 'anna.pub'], ...change },
    surroundings,
  );
}

describe('sallyport doctor --report', () => {
  it('proven: 0, and a page that is signed as it lies there', async () => {
    const { exitCode, text, json } = await report({
      out: 'proof.html',
      operatorKey: 'otto.key',
      passphraseFile: 'passphrase',
    });
    assert.equal(exitCode, 0, text);
    assert.match(text, /^PROVEN: acme, plan [0-9a-f]{64}$/m);
    assert.match(text, /signed by otto: proof\.html\.sig$/);
    assert.equal(json['ok'], true);
    const html = readFileSync(join(folder, 'proof.html'));
    const { publicKey } = JSON.parse(readFileSync(join(folder, 'otto.key'), 'utf8')) as {
      publicKey: string;
    };
    const signature = readFileSync(join(folder, 'proof.html.sig'));
    assert.equal(verify(null, html, publicKey, signature), true);
    assert.match(html.toString(), /PROVEN/);
    assert.doesNotMatch(html.toString(), /NOT PROVEN/);
  });

  it('says of a page without a key that its results are signed, and leaves no signature of another beside it', async () => {
    writeFileSync(join(folder, 'bare.html.sig'), 'of another day');
    const { exitCode, text } = await report({ out: 'bare.html' });
    assert.equal(exitCode, 0, text);
    assert.match(
      text,
      /written to bare\.html: its results are signed, the page is not; --operator-key FILE signs it$/,
    );
    assert.match(
      readFileSync(join(folder, 'bare.html'), 'utf8'),
      /bears no signature; the results that count do/,
    );
    assert.equal(existsSync(join(folder, 'bare.html.sig')), false);
  });

  const rows: readonly (readonly [string, Partial<DoctorReportOptions>, RegExp])[] = [
    [
      'a file that is missing',
      { report: [...files, 'x.json'] },
      /x\.json does not count: it cannot be read/,
    ],
    [
      'a file that is none',
      { report: [...files, 'anna.pub'] },
      /anna\.pub does not count: it is no result/,
    ],
    ['no keys', { keys: [] }, /node’s key is not among --keys/],
    ['the keys of nodes alone', { keys: ['witnesses.json'] }, /operator’s key is not among --keys/],
    ['an age that is too short', { maxAge: '0.5' }, /it is too old/],
  ];
  for (const [what, change, why] of rows) {
    it(`with ${what} it is not proven: 1`, async () => {
      const { exitCode, text } = await report(change);
      assert.equal(exitCode, 1);
      assert.match(text, why);
      assert.match(text, /^NOT PROVEN/m);
    });
  }

  it('a result that was changed is said to be', async () => {
    const [first = ''] = files;
    const text = readFileSync(join(folder, first), 'utf8');
    write('changed.json', text.replace('"silent"', '"refused"'));
    const made = await report({ report: ['changed.json', ...files.slice(1)] });
    assert.match(made.text, /changed\.json does not count: its signature is wrong/);
  });

  const refusals: readonly (readonly [string, Partial<DoctorReportOptions>, RegExp])[] = [
    ['an age that is none', { maxAge: 'x' }, /--max-age is no number/],
    ['keys that are none', { keys: ['matrix.json'] }, /matrix\.json holds no Ed25519 public keys/],
    ['keys that are not there', { keys: ['x.pub'] }, /x\.pub cannot be read/],
    ['a page that cannot be written', { out: 'no/such/proof.html' }, /cannot write/],
    [
      'more results than anybody has',
      { report: Array.from({ length: 501 }, () => 'x') },
      /more than 500/,
    ],
    ['a key of an operator that is not there', { operatorKey: 'x.key' }, /x\.key/],
  ];
  for (const [what, change, why] of refusals) {
    it(`refuses ${what}`, async () => {
      const { exitCode, text } = await report(change);
      assert.equal(exitCode, 1);
      assert.match(text, why);
    });
  }
});
