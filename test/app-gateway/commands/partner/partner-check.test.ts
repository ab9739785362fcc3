import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { ProbeFailure } from '@sallyport/app-gateway/commands/command-context.ts';
import { partnerCheck } from '@sallyport/app-gateway/commands/partner/partner-check.ts';
import { verifyReport } from '@sallyport/certs/signed-report.ts';
import {
  PROBE_STEPS,
  type ProbeOutcome,
  type ProbeStep,
  type ProbeStepName,
} from '@sallyport/shared/channel/probe.ts';
import { ok } from '@sallyport/shared/result.ts';
import { NOW_MS } from '../../site-fixture.ts';
import { CommandBench } from '../command-bench.ts';

interface Checked {
  readonly failed: number;
  readonly next?: string;
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

const CHECK = ['partner', 'check'] as const;

function step(name: ProbeStepName, outcome: ProbeOutcome = 'ok'): ProbeStep {
  const code = outcome === 'ok' ? {} : { code: 'because' };
  const target = name === 'dns' ? {} : { target: '192.0.2.7:5061' };
  return { step: name, ...target, expected: 'this', seen: 'that', outcome, ...code, ms: 3 };
}

describe('a partner is tried by a command', () => {
  let bench: CommandBench;
  const tells = (...steps: readonly ProbeStep[]) => {
    bench.probed = ok({ proxy: 'edge-1/0', steps });
  };
  const check = (parameters: object = {}) =>
    bench.done<Checked>(CHECK, { partner: 'initech', ...parameters });

  before(async () => {
    bench = await CommandBench.open();
    await bench.people('ann');
    const settings = { domain: ['initech.example', 'initech.test'], method: ['MESSAGE'] };
    await bench.done(['partner', 'add'], { partner: 'initech', ...settings }, 'ann');
    await bench.context.store.recordSightings([
      {
        partner: 'initech',
        direction: 'accepted',
        spki: 'SPKI=',
        key: 't1',
        firstAtMs: NOW_MS,
        lastAtMs: NOW_MS,
        handshakes: 1,
        lastSource: '192.0.2.7',
        lastProxy: 'edge-1',
      },
    ]);
  });
  after(() => bench.close());

  it('shows every step in one table, what failed, and what to do next', async () => {
    tells(step('dns'), step('connect'), step('our-certificate', 'failed'));
    const answer = await check();
    // The way in fails too: there is no set in force.
    assert.equal(answer.failed, 2);
    assert.match(answer.next ?? '', /sallyport partner offer initech; .* cut us off/);
    assert.equal(partnerCheck.isBad?.(answer as never), true);
    const text = partnerCheck.text(answer as never);
    assert.match(text, /^initech \(initech\.example\), tried by edge-1\/0:\n/);
    assert.match(text, /^!! +our-certificate +192\.0\.2\.7:5061 +3 +this +that$/m);
    assert.match(text, /^ok +their-handshake .*from 192\.0\.2\.7, set t1, key SHA-256 SPKI=$/m);
    assert.match(text, /^2 steps failed\nnext: send the partner our keys/m);
  });

  it('has a word of advice for every step', async () => {
    for (const name of PROBE_STEPS) {
      tells(step(name, 'failed'));
      const { next = '' } = await check();
      assert.ok(next.length > 0 && !next.includes('NAME'), next);
    }
  });

  it('a warning is no failure', async () => {
    tells(step('trust', 'warning'));
    assert.equal((await check()).failed, 1);
  });

  it('reports to the partner, signed, without a word of who tried', async () => {
    tells(step('dns'), step('connect', 'failed'));
    assert.deepEqual((await check()).files, []);
    const { files } = await check({ report: true, domain: 'Initech.TEST' });
    const [file] = files;
    assert.equal(file?.name, 'initech-check.json');
    const signer = createPublicKey(createPrivateKey(bench.context.offerSigningKeyPem))
      .export({ type: 'spki', format: 'der' })
      .toString('base64');
    const report = verifyReport(Buffer.from(file?.text ?? ''), [signer]);
    assert.ok(report.ok);
    assert.equal(report.value.domain, 'initech.test');
    assert.deepEqual(
      report.value.steps.slice(0, 3).map(({ direction, step: name }) => `${direction} ${name}`),
      ['outbound dns', 'outbound connect', 'inbound accepted-keys'],
    );
    // Any letters may stand in a key and a signature.
    const said = (file?.text ?? '').replace(/"(?:signingKey|signature)": "[^"]+"/g, '');
    assert.doesNotMatch(said, /edge-1|gateway-1|ann/);
  });

  const FAILURES: readonly ProbeFailure[] = [
    ...(['busy', 'too-often', 'partner-unknown', 'domain-unknown', 'draining'] as const),
    ...([
      'no-proxy',
      'proxy-unknown',
      'proxy-too-old',
      'answer-missing',
      'answer-malformed',
    ] as const),
  ];
  for (const code of FAILURES) {
    it(`says why nothing was tried: ${code}`, async () => {
      bench.probed = { ok: false, error: code };
      assert.equal(await bench.refused(CHECK, { partner: 'initech' }), `check-${code}`);
    });
  }

  it('says that a partner is cut off by the site’s list, as the list of partners does', async () => {
    const { site } = bench.context;
    Object.assign(bench.context, { site: { ...site, severed: ['initech'] } });
    bench.probed = { ok: false, error: 'partner-unknown' };
    const { error } = await bench.ask(CHECK, { partner: 'initech' });
    const { partners } = await bench.done<{ partners: readonly { state: string; next: string }[] }>(
      ['partner', 'list'],
      {},
    );
    const shown = await bench.done<{ state: string }>(['partner', 'show'], { partner: 'initech' });
    Object.assign(bench.context, { site });
    assert.match(error?.message ?? '', /initech is cut off: nothing is sent to it/);
    assert.match(error?.next ?? '', /severedPartners in every gateway’s site\.yaml/);
    assert.equal(partners[0]?.state, 'severed by site.yaml');
    assert.equal(partners[0]?.next, error?.next);
    assert.equal(shown.state, 'severed by site.yaml');
  });

  it('says that a partner is severed', async () => {
    await bench.done(['partner', 'sever'], { partner: 'initech', reason: 'stolen' }, 'ann');
    bench.probed = { ok: false, error: 'partner-unknown' };
    const { error } = await bench.ask(CHECK, { partner: 'initech' });
    assert.match(error?.message ?? '', /initech is severed/);
  });

  it('knows no partner that is none, and no proxy of an odd name', async () => {
    assert.equal(await bench.refused(CHECK, { partner: 'nobody' }), 'partner-unknown');
    const odd = { partner: 'initech', proxy: 'edge 1' };
    assert.equal(await bench.refused(CHECK, odd), 'parameters-wrong');
  });
});
