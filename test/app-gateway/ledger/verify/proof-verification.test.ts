import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proofText } from '@sallyport/app-gateway/ledger/verify/proof-text.ts';
import { verifyProof } from '@sallyport/app-gateway/ledger/verify/proof-verification.ts';
import type { LogProof } from '@sallyport/shared/audit/log-proof.ts';
import { inclusionProof } from '@sallyport/shared/audit/merkle.ts';
import { formatSignatureLine } from '@sallyport/shared/audit/note.ts';
import { hashesOfTiles } from '@sallyport/shared/audit/tiles.ts';
import { type AuditedSite, busySite } from '../audited-site.ts';

const { site } = busySite(20);
const KEYS = site.publicKeys;
const OTHER = busySite(20).site;

async function proofOf(of: AuditedSite, index: number): Promise<LogProof> {
  const checkpoint = of.ledger.stored.at(-1);
  const tile = await of.ledger.tile(0, 0);
  const entry = of.ledger.list[index];
  assert.ok(checkpoint !== undefined && tile.ok && entry !== undefined);
  const hashAt = hashesOfTiles((level, number) =>
    level === 0 && number === 0 ? tile.value : undefined,
  );
  return {
    index,
    record: entry.record,
    path: inclusionProof(index, checkpoint.size, hashAt),
    checkpoint: `${checkpoint.note}${Object.values(checkpoint.cosignatures).join('')}`,
  };
}

describe('the proof of one record', () => {
  it('is good, and says what is proven and by whom', async () => {
    const report = verifyProof(await proofOf(site, 7), KEYS);
    assert.deepEqual([report.isGood, report.findings, report.index], [true, [], 7]);
    assert.deepEqual(report.witnessed?.nodes, ['edge-1', 'edge-2']);
    const text = proofText(report);
    assert.match(text, /^#7 {2}message-admitted {2}2026-11-21T/);
    assert.match(text, /\n {2}callId: call-0@globex\.example\n/);
    assert.match(text, /\nledger sallyport\/acme: record 7, tree of \d+\nwitnessed up to/);
    assert.match(text, /\ngood: no fault was found$/);
  });

  it('stays good under lines of keys that are not known, whatever their names (C2SP signed-note)', async () => {
    const { checkpoint, ...proof } = await proofOf(site, 7);
    const signature = Buffer.alloc(76, 7);
    const names = ['sallyport/acme', 'edge-1', 'somebody.example/witness'];
    const lines = names.map((name) => formatSignatureLine({ name, keyId: 7, signature })).join('');
    const [text = '', signed = ''] = checkpoint.split('\n\n');
    const report = verifyProof({ ...proof, checkpoint: `${text}\n\n${lines}${signed}` }, KEYS);
    assert.equal(report.isGood, true);
    const codes = report.findings.map(({ code, detail }) => `${code} ${detail}`);
    const size = `size ${report.size}`;
    assert.deepEqual(codes, [
      `cosignature-unknown edge-1, ${size}`,
      `cosignature-unknown somebody.example/witness, ${size}`,
    ]);
    assert.deepEqual(report.witnessed?.nodes, ['edge-1', 'edge-2']);
  });

  it('counts a witness once that signed twice, with the later time', async () => {
    const { checkpoint, ...proof } = await proofOf(site, 7);
    const line = /^\u2014 edge-1 .*\n/m.exec(checkpoint)?.[0] ?? '';
    const report = verifyProof({ ...proof, checkpoint: checkpoint + line }, KEYS);
    assert.deepEqual([report.isGood, report.witnessed?.nodes], [true, ['edge-1', 'edge-2']]);
  });

  it('is of a later version where nobody knows the type, and its words are not told', async () => {
    const later = busySite(20);
    later.sources[0]?.writeOfLaterVersion(200).seal();
    later.site.checkpoint();
    const proof = await proofOf(later.site, later.site.ledger.list.length - 2);
    const { isGood, findings, entry } = verifyProof(proof, later.site.publicKeys);
    const codes = findings.map(({ code }) => code);
    assert.deepEqual([isGood, codes, entry], [false, ['record-unknown'], undefined]);
  });

  type Change = (proof: LogProof) => LogProof;
  const changes: readonly (readonly [string, Change, readonly string[]])[] = [
    ['another index', (proof) => ({ ...proof, index: 8 }), ['record-not-proven']],
    ['an index beyond the tree', (proof) => ({ ...proof, index: 1e6 }), ['record-not-proven']],
    ['a shorter path', (proof) => ({ ...proof, path: proof.path.slice(1) }), ['record-not-proven']],
    [
      'one octet of the record',
      ({ record, ...proof }) => ({
        ...proof,
        record: Buffer.from(record.toString('latin1').replace('alice', 'alicf'), 'latin1'),
      }),
      ['record-not-proven'],
    ],
    [
      'no record at all',
      (proof) => ({ ...proof, record: Buffer.from('x') }),
      ['record-malformed', 'record-not-proven'],
    ],
    [
      'no cosignatures',
      ({ checkpoint, ...proof }) => ({
        ...proof,
        checkpoint: checkpoint.replace(/\u2014 edge-[\s\S]*$/, ''),
      }),
      ['cosignatures-missing'],
    ],
    [
      'another size',
      ({ checkpoint, ...proof }) => ({
        ...proof,
        checkpoint: checkpoint.replace(/\n\d+\n/, '\n9\n'),
      }),
      [
        'ledger-key-wrong',
        'cosignature-wrong',
        'cosignature-wrong',
        'checkpoint-missing',
        'cosignatures-missing',
        'record-not-proven',
      ],
    ],
    [
      'no checkpoint',
      (proof) => ({ ...proof, checkpoint: 'none' }),
      ['checkpoint-malformed', 'checkpoint-missing'],
    ],
  ];
  for (const [name, change, codes] of changes) {
    it(`with ${name}: ${codes.join(', ')}`, async () => {
      const report = verifyProof(change(await proofOf(site, 7)), KEYS);
      assert.equal(report.isGood, false);
      assert.deepEqual(
        report.findings.map(({ code }) => code),
        codes,
      );
      assert.match(proofText(report), /FAULT {2}[\s\S]*\nNOT GOOD: \d faults?$/);
    });
  }

  it('is nothing where keys are another site’s', async () => {
    const codes = verifyProof(await proofOf(OTHER, 7), KEYS).findings.map(({ code }) => code);
    assert.ok(codes.includes('ledger-key-wrong'), codes.join());
    assert.ok(codes.includes('cosignatures-missing'), codes.join());
  });
});
