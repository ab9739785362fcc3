import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { postureText } from '@sallyport/app-gateway/commands/state/posture-text.ts';
import type { PostureFinding } from '@sallyport/app-gateway/posture/posture.ts';

const WEAK: PostureFinding = {
  rule: 'plain-tcp',
  protocols: ['sip'],
  at: 'partners/globex: plainTcp',
  level: 'low',
  when: 'plainTcp: true',
  why: 'anybody reads along',
  toRaise: 'plainTcp: false',
};
const GOOD: PostureFinding = {
  rule: 'dns',
  protocols: ['every'],
  at: 'nameservers',
  level: 'high',
  when: 'always',
  why: 'it is',
};

describe('posture for a terminal', () => {
  it('shows what is weak with reason and remedy, and counts what is not', () => {
    const text = postureText({ level: 'low', findings: [WEAK, GOOD] }, undefined);
    assert.equal(
      text,
      [
        '[#....] posture low: as the weakest of 2 settings',
        '',
        'LEVEL        SETTING                    STANDS AT',
        '[#....] low  partners/globex: plainTcp  plainTcp: true',
        '',
        'plain-tcp, low: anybody reads along',
        '  to raise it: plainTcp: false',
        '',
        'LEVEL         SETTING      STANDS AT',
        '[#####] high  nameservers  always',
        '',
        '1 of 2 stand at high; --json says why, and names every partner',
        'next: partners/globex: plainTcp: false',
      ].join('\n'),
    );
  });

  it('shows no table of what there is none of', () => {
    const good = postureText({ level: 'high', findings: [GOOD] }, undefined);
    const weak = postureText({ level: 'low', findings: [WEAK] }, undefined);
    assert.equal(good.match(/^LEVEL/gm)?.length, 1, good);
    assert.equal(weak.match(/^LEVEL/gm)?.length, 1, weak);
  });

  it('says what to do next with the name of the setting once', () => {
    const rows = [
      ['layout', 'another layout', 'layout: another layout'],
      ['missingServerName', 'missingServerName: refuse', 'missingServerName: refuse'],
      ['proxies[edge-1].health.host', 'health.host: inside', 'proxies[edge-1].health.host: inside'],
    ] as const;
    for (const [at, toRaise, next] of rows) {
      const text = postureText({ level: 'low', findings: [{ ...WEAK, at, toRaise }] }, undefined);
      assert.ok(text.endsWith(`next: ${next}`), text);
    }
  });

  it('gives a reason once, however many settings share it', () => {
    const other = { ...WEAK, at: 'partners/initech: plainTcp' };
    const text = postureText({ level: 'low', findings: [WEAK, other] }, undefined);
    assert.equal(text.split('anybody reads along').length - 1, 1);
    assert.match(text, /initech/);
  });

  it('is one line for many partners that stand alike, and counts each setting', () => {
    const at = (number: number): PostureFinding => ({
      ...WEAK,
      at: `partners/partner-${number}: plainTcp`,
    });
    const many = Array.from({ length: 200 }, (_, number) => at(number));
    const other = { ...at(200), when: 'an endpoint with tcp' };
    const text = postureText({ level: 'low', findings: [...many, other] }, undefined);
    assert.match(text, /as the weakest of 201 settings/);
    assert.match(text, /low {2}partners\/partner-0 and 199 more: plainTcp {2}plainTcp: true\n/);
    assert.match(text, /low {2}partners\/partner-200: plainTcp +an endpoint with tcp\n/);
    assert.ok(text.split('\n').length < 15, text);
  });

  it('names each of a few partners that stand alike', () => {
    const few = ['a', 'b', 'c', 'd', 'e'].map((id) => ({
      ...WEAK,
      at: `partners/${id}: plainTcp`,
    }));
    const text = postureText({ level: 'low', findings: few }, undefined);
    for (const { at } of few) assert.ok(text.includes(at), text);
    assert.doesNotMatch(text, /more:/);
  });

  it('says when a demanded level is missed, and nothing when it is met', () => {
    const weak = { level: 'medium', findings: [{ ...WEAK, level: 'medium' }] } as const;
    assert.match(postureText(weak, 'high'), /high is demanded: this is not enough/);
    assert.doesNotMatch(postureText(weak, 'medium'), /demanded/);
    const high = postureText({ level: 'high', findings: [GOOD] }, 'high');
    assert.doesNotMatch(high, /demanded|next:/);
  });
});
