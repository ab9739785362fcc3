import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { partnerReadReport } from '@sallyport/app-gateway/commands/partner/partner-read-report.ts';
import { type ReportDraft, writeReport } from '@sallyport/certs/signed-report.ts';
import { CommandBench, sent } from '../command-bench.ts';

const READ = ['partner', 'read-report'] as const;
const KEY = generateKeyPairSync('ed25519')
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
const DRAFT: ReportDraft = {
  site: 'initech',
  domain: 'acme.example',
  madeAtMs: Date.UTC(2026, 10, 22, 8),
  steps: [
    {
      direction: 'outbound',
      step: 'our-certificate',
      target: '192.0.2.7:5061',
      expected: 'it takes our certificate',
      seen: 'alert: unknown CA',
      outcome: 'failed',
      ms: 3,
    },
    {
      direction: 'inbound',
      step: 'their-handshake',
      expected: 'a handshake',
      seen: 'none',
      outcome: 'warning',
      ms: 0,
    },
  ],
};
const TEXT = writeReport(DRAFT, KEY);

describe('a report that a partner sent of its check of us', () => {
  let bench: CommandBench;
  const read = (text: string, partner = 'initech') => ({ partner, file: sent('r.json', text) });

  before(async () => {
    bench = await CommandBench.open();
    await bench.people('ann', 'bob');
    const settings = { domain: ['initech.example'], method: ['MESSAGE'] };
    await bench.done(['partner', 'add'], { partner: 'initech', ...settings }, 'bob');
  });
  after(() => bench.close());

  it('is shown, and that nobody vouches for it while no offer of the partner was verified', async () => {
    const report = await bench.done<{ isSignerKnown: boolean }>([...READ], read(TEXT));
    assert.equal(report.isSignerKnown, false);
    const text = partnerReadReport.text(report as never);
    assert.match(
      text,
      /^what initech \(site initech\) saw of acme\.example on 2026-11-22 08:00 UTC\n/,
    );
    assert.match(text, /no verified offer of initech named: anybody can have written it/);
    assert.match(text, /^!! +our-certificate +192\.0\.2\.7:5061 .*alert: unknown CA$/m);
    assert.match(text, /^\? +their-handshake +a handshake +none$/m);
    assert.match(text, /\n1 step failed$/);
  });

  for (const [what, text, code] of [
    ['nothing like it', '{}', 'report-malformed'],
    ['changed', TEXT.replace('unknown CA', 'unknown cA'), 'report-signature-wrong'],
    ['of others', writeReport({ ...DRAFT, domain: 'globex.example' }, KEY), 'report-of-others'],
  ] as const) {
    it(`is refused: ${what}`, async () => {
      assert.equal(await bench.refused([...READ], read(text)), code);
    });
  }

  it('of a partner that is none is refused', async () => {
    assert.equal(await bench.refused([...READ], read(TEXT, 'nobody')), 'partner-unknown');
  });
});
