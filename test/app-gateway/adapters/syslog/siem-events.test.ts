import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDenied, siemEventOf } from '@sallyport/app-gateway/adapters/syslog/siem-events.ts';
import type { EntryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import { AUDIT_TYPES } from '@sallyport/shared/audit/record-types.ts';

const view = (type: string, fields: EntryView['fields'] = {}): EntryView => ({
  index: 0,
  timeMs: 0,
  type,
  node: 'edge-1',
  worker: 0,
  epoch: '0',
  seq: 0,
  fields,
});

describe('events of a SIEM', () => {
  it('are known for every type of record, each with a title of its own', () => {
    const titles = AUDIT_TYPES.map(({ name }) => siemEventOf(view(name)).title);
    assert.equal(new Set(titles).size, AUDIT_TYPES.length);
    assert.ok(!titles.includes('Unreadable record'));
  });

  it('a record of a later version is a warning', () => {
    const { title, severity } = siemEventOf(view('type 200'));
    assert.deepEqual([title, severity], ['Record of a later version', 'warning']);
  });

  for (const type of ['type', 'type 2000', 'unreadable', 'toString', '__proto__', '']) {
    it(`a record of type "${type}" is critical`, () => {
      assert.equal(siemEventOf(view(type)).severity, 'critical');
    });
  }

  //  type, verdict, denied
  const verdicts = [
    ['policy-decision', 'allow', false],
    ['policy-decision', 'allowed', false],
    ['policy-decision', 'admitted', false],
    ['policy-decision', 'refused', true],
    ['policy-decision', 'not-allowed', true],
    ['message-admitted', undefined, false],
    ['message-refused', undefined, true],
    ['connection-opened', undefined, false],
    ['connection-refused', undefined, true],
    ['message-answered', undefined, undefined],
    ['partner-changed', undefined, undefined],
  ] as const;
  for (const [type, verdict, denied] of verdicts) {
    it(`${type} ${verdict ?? ''} is ${denied === undefined ? 'no verdict' : denied ? 'denied' : 'allowed'}`, () => {
      const record = view(type, verdict === undefined ? {} : { verdict });
      assert.equal(isDenied(record), denied);
      if (type === 'policy-decision') {
        assert.equal(siemEventOf(record).severity, denied ? 'warning' : 'informational');
      }
    });
  }
});
