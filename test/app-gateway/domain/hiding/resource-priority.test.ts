import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Partner, SiteView } from '@sallyport/app-gateway/domain/site-view.ts';
import { CoreStage, fromInside, fromPartner, responseTo, SITE } from '../core/core-stage.ts';

function agreedOn(...namespaces: readonly string[]): SiteView {
  const globex = SITE.partnerById.get('globex') as Partner;
  const agreed = { ...globex, priorityNamespaces: new Set(namespaces) };
  return { ...SITE, partnerById: new Map([...SITE.partnerById, ['globex', agreed]]) };
}

/** What one inside reads of the priority, however its name is written; folds are undone. */
function priorities(text: string): readonly string[] {
  const lines = text.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  return lines.flatMap((line) => /^resource-priority[ \t]*:[ \t]*(.*)$/i.exec(line)?.[1] ?? []);
}

function inside(site: SiteView, method: string, lines: readonly string[]): string {
  const stage = new CoreStage(site);
  stage.request(stage.globex, fromPartner(method, { extra: lines }));
  const sent = stage.take().find(({ to }) => to === 'community');
  assert.ok(sent !== undefined, 'it did not go on');
  return sent.text;
}

describe('a partner’s Resource-Priority (RFC 4412)', () => {
  // agreed, lines of the partner, what comes in
  const rows: readonly (readonly [string[], string[], string[]])[] = [
    [[], ['Resource-Priority: dsn.flash'], []],
    [['dsn'], ['Resource-Priority: dsn.flash'], ['dsn.flash']],
    [['dsn'], ['Resource-Priority: wps.0'], []],
    [['dsn'], ['Resource-Priority: wps.0, dsn.flash ,q735.0'], ['dsn.flash']],
    [['dsn', 'wps'], ['Resource-Priority: wps.0, dsn.flash'], ['wps.0, dsn.flash']],
    [['dsn', 'wps'], ['Resource-Priority: wps.0, ets.1, dsn.flash'], ['wps.0, dsn.flash']],
    [['dsn'], ['Resource-Priority: wps.0', 'rESOURCE-pRIORITY : DSN.Flash'], ['DSN.Flash']],
    [['dsn'], ['Resource-Priority: wps.0,\r\n dsn.flash'], ['dsn.flash']],
    [
      ['dsn'],
      ['Resource-Priority: dsn.flash, wps.0', 'Resource-Priority: dsn.0'],
      ['dsn.flash', 'dsn.0'],
    ],
    [['dsn'], ['Resource-Priority: dsn-000001.2'], []],
    [
      ['dsn'],
      ['Resource-Priority: dsn', 'Resource-Priority: dsn.', 'Resource-Priority: dsn.a.b'],
      [],
    ],
    [['dsn'], ['Resource-Priority: "dsn.flash"', 'Resource-Priority: x;y=dsn.flash'], []],
    [['dsn'], ['Resource-Priority: wps.0, , dsn.flash'], ['dsn.flash']],
  ];
  for (const [agreed, lines, expected] of rows) {
    it(`agreed ${agreed.join(' ') || 'none'}, ${lines.join(' | ').replaceAll('\r\n', '\\r\\n')}: ${expected.join(' | ') || 'nothing'} comes in`, () => {
      for (const method of ['INVITE', 'MESSAGE', 'ACK']) {
        assert.deepEqual(priorities(inside(agreedOn(...agreed), method, lines)), expected, method);
      }
    });
  }

  it('is a request’s alone: none comes in with an answer, and ours goes out as it is', () => {
    const stage = new CoreStage(agreedOn('dsn'));
    const ours = 'Resource-Priority: dsn.flash, q735.0';
    stage.request(stage.staff, fromInside('INVITE', { extra: [ours] }));
    const sent = stage.take().find(({ to }) => to === 'partner')?.text ?? '';
    assert.deepEqual(priorities(sent), ['dsn.flash, q735.0']);
    stage.response('globex', responseTo(sent, 200, ['Resource-Priority: dsn.flash']));
    const answer = stage.take().find(({ to }) => to === 'origin')?.text ?? '';
    assert.match(answer, /^SIP\/2\.0 200 /);
    assert.deepEqual(priorities(answer), []);
  });
});

describe('a request that demands its priority (RFC 4412 §4.6.2)', () => {
  const demanded = 'Require: 100rel, Resource-Priority';
  // agreed, lines, whether it goes on
  const rows: readonly (readonly [string[], string[], boolean])[] = [
    [[], [demanded, 'Resource-Priority: dsn.flash'], false],
    [['wps'], [demanded, 'Resource-Priority: dsn.flash'], false],
    [['wps'], [demanded, 'Resource-Priority: dsn.flash', 'Resource-Priority: wps.0'], true],
    [['dsn'], [demanded, 'Resource-Priority: dsn.flash, wps.0'], true],
    [[], [demanded], true],
    [[], ['Require: 100rel', 'Resource-Priority: dsn.flash'], true],
    [[], ['Supported: resource-priority', 'Resource-Priority: dsn.flash'], true],
  ];
  for (const [agreed, lines, goesOn] of rows) {
    it(`agreed ${agreed.join(' ') || 'none'}, ${lines.join(' | ')}: ${goesOn ? 'goes on' : '417'}`, () => {
      const stage = new CoreStage(agreedOn(...agreed));
      stage.request(stage.globex, fromPartner('INVITE', { extra: lines }));
      const sent = stage.take();
      assert.equal(
        sent.some(({ to }) => to === 'community'),
        goesOn,
      );
      assert.deepEqual(stage.refusals, goesOn ? [] : ['resource-priority-unknown']);
      if (goesOn) return;
      const answer = sent.find(({ isFinal }) => isFinal)?.text ?? '';
      assert.match(answer, /^SIP\/2\.0 417 Unknown Resource-Priority\r\n/);
    });
  }

  it('an ACK is never answered: it goes on without', () => {
    const text = inside(agreedOn(), 'ACK', [demanded, 'Resource-Priority: dsn.flash']);
    assert.deepEqual(priorities(text), []);
  });
});
