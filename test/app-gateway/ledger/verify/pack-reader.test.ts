import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FindingCode } from '@sallyport/app-gateway/ledger/verify/finding.ts';
import type { VerifyReport } from '@sallyport/app-gateway/ledger/verify/verify-report.ts';
import { busySite } from '../audited-site.ts';
import { found, verify, withByte } from './verifying.ts';

describe('a file that is none', () => {
  const cuts: readonly (readonly [string, (pack: Buffer) => Buffer, FindingCode])[] = [
    ['empty', () => Buffer.alloc(0), 'file-torn'],
    ['cut within its header', (pack) => pack.subarray(0, 20), 'file-torn'],
    ['cut within a frame', (pack) => pack.subarray(0, pack.length - 200), 'file-torn'],
    ['cut before its end', (pack) => pack.subarray(0, pack.length - 13), 'file-torn'],
    ['longer than its end', (pack) => Buffer.concat([pack, Buffer.from('x')]), 'file-malformed'],
    ['another format', () => Buffer.from('{"format":"else"}\n'), 'file-malformed'],
    ['no line at all', () => Buffer.alloc(5000, 0x41), 'file-malformed'],
  ];
  for (const [name, change, code] of cuts) {
    it(name, async () => {
      const { site } = busySite(4);
      const report = verify(change(await site.pack()), { keys: site.publicKeys });
      assert.equal(report.isGood, false);
      found(report, code);
    });
  }

  it('with octets that are no text where a checkpoint or a key is', async () => {
    const { site } = busySite(4);
    const pack = await site.pack();
    for (const within of ['edge-1 ', '"witnesses"']) {
      const changed = Buffer.from(pack);
      changed[pack.indexOf(within)] = 0xff;
      const report = verify(changed, { keys: site.publicKeys });
      assert.equal(report.isGood, false);
      found(report, 'file-malformed');
    }
  });

  it('with any octet changed is never called good', async () => {
    const { site } = busySite(1);
    const pack = await site.pack();
    const clean = verify(pack, { keys: site.publicKeys });
    assert.equal(clean.isGood, true);
    for (let at = 0; at < pack.length; at++) {
      const report = verify(withByte(pack, at), { keys: site.publicKeys });
      // What is not used with keys kept elsewhere may change; what is said about the records may not.
      const told = ({ records, from, to, provenSize, sources }: VerifyReport) => ({
        records,
        from,
        to,
        provenSize,
        sources,
      });
      if (report.isGood) assert.deepEqual(told(report), told(clean), `octet ${at}`);
    }
  });
});
