import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ALL_COMMANDS } from '@sallyport/app-gateway/commands/all-commands.ts';
import { statePosture } from '@sallyport/app-gateway/commands/state/state-posture.ts';
import type { Posture } from '@sallyport/app-gateway/posture/posture.ts';
import { PARTNER_YAML, SITE_YAML, siteTexts } from '../../site-fixture.ts';
import { CommandBench } from '../command-bench.ts';

const WEAK = { domain: ['globex.example'], method: ['MESSAGE'] };
const STRONGER = (lines: string) => ({
  settings: {
    name: 'globex.yaml',
    base64: Buffer.from(`${lines}\n`).toString('base64'),
  },
});

describe('posture over the socket', () => {
  let bench: CommandBench;
  before(async () => {
    bench = await CommandBench.open();
    await bench.people('ann', 'bob');
  });
  after(() => bench.close());

  it('shows the site in force without a signature, weakest first', async () => {
    const { level, findings } = await bench.done<Posture>(['state', 'posture'], {});
    assert.equal(level, 'low');
    assert.equal(findings[0]?.rule, 'revocation');
    assert.match(statePosture.text({ level, findings }), /posture low/);
  });

  it('is bad news where less stands than was asked for', async () => {
    const asked = await bench.done<Posture>(['state', 'posture'], { require: 'medium' });
    assert.equal(statePosture.isBad?.(asked), true);
    const enough = await bench.done<Posture>(['state', 'posture'], { require: 'low' });
    assert.equal(statePosture.isBad?.(enough), false);
    assert.equal(await bench.refused(['state', 'posture'], { require: 'no' }), 'parameters-wrong');
  });
});

describe('commands of a site that demands a posture', () => {
  let bench: CommandBench;
  before(async () => {
    bench = await CommandBench.open(ALL_COMMANDS, `${SITE_YAML}requirePosture: medium\n`);
    await bench.people('ann', 'bob');
  });
  after(() => bench.close());

  it('refuse a partner that would lower it, with the reason, and write nothing', async () => {
    const asked = await bench.ask(['partner', 'add'], { partner: 'globex', ...WEAK }, 'bob');
    assert.equal(asked.error?.code, 'posture-too-low');
    assert.match(asked.error?.message ?? '', /partners\/globex: revocation.*to raise it/);
    const { partners } = await bench.done<{ partners: [] }>(['partner', 'list'], {});
    assert.deepEqual(partners, []);
  });

  it('take one that does not, and refuse to weaken it then', async () => {
    const settings = STRONGER('revocation: { mode: soft-fail }');
    await bench.done(['partner', 'add'], { partner: 'globex', ...WEAK, ...settings }, 'bob');
    const weaker = { partner: 'globex', ...STRONGER('revocation: { mode: "off" }') };
    assert.equal(await bench.refused(['partner', 'change'], weaker, 'bob'), 'posture-too-low');
  });

  it('refuse files that would lower it', async () => {
    const file = (name: string, text: string) => ({
      name,
      base64: Buffer.from(text).toString('base64'),
    });
    const folder = [
      file('site.yaml', SITE_YAML),
      file('partners/globex.yaml', PARTNER_YAML),
      ...[...(await siteTexts())].map(([name, text]) => file(name, text)),
    ];
    assert.equal(await bench.refused(['state', 'import'], { folder }, 'ann'), 'posture-too-low');
  });
});
