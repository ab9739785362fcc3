import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  formatSyslog,
  SYSLOG_SEVERITY,
  type SyslogMessage,
  type SyslogSeverity,
} from '@sallyport/app-gateway/adapters/syslog/rfc5424.ts';
import fc from 'fast-check';
import { HOSTILE, TIME_MS } from './siem-records.ts';

const PLAIN: SyslogMessage = {
  severity: 'notice',
  timeMs: TIME_MS,
  hostName: 'edge-1',
  appName: 'sallyport',
  procId: '2',
  msgId: 'partner-changed',
  elements: [],
  text: 'hello',
};

const write = (over: Partial<SyslogMessage> = {}): string =>
  formatSyslog({ ...PLAIN, ...over }).toString('utf8');

describe('a syslog message (RFC 5424 §6)', () => {
  it('has header, structured data and text', () => {
    assert.equal(
      write(),
      '<109>1 2026-11-21T08:26:54.123Z edge-1 sallyport 2 partner-changed - hello',
    );
  });

  for (const [severity, priority] of [
    ['critical', 106],
    ['error', 107],
    ['warning', 108],
    ['notice', 109],
    ['informational', 110],
  ] as const satisfies readonly (readonly [SyslogSeverity, number])[]) {
    it(`of severity ${severity} (${SYSLOG_SEVERITY[severity]}) has priority ${priority}: facility 13, log audit`, () => {
      assert.match(write({ severity }), new RegExp(`^<${priority}>1 `));
    });
  }

  //  field       value               written
  const headers: readonly (readonly [keyof SyslogMessage, string | number, string])[] = [
    ['hostName', 'a b\r\nc', '- a_b__c '],
    ['hostName', '', '- - '],
    ['hostName', 'é\u202e', '- __ '],
    ['hostName', 'h'.repeat(255), `- ${'h'.repeat(255)} `],
    ['hostName', 'h'.repeat(256), `- ${'h'.repeat(255)} `],
    ['appName', 'a'.repeat(49), ` ${'a'.repeat(48)} `],
    ['procId', 'p'.repeat(129), ` ${'p'.repeat(128)} `],
    ['msgId', 'm'.repeat(33), ` ${'m'.repeat(32)} `],
    ['timeMs', -1, '1 - edge-1'],
    ['timeMs', Number.NaN, '1 - edge-1'],
    ['timeMs', 253_402_300_800_000, '1 - edge-1'],
    ['timeMs', 253_402_300_799_999, '1 9999-12-31T23:59:59.999Z edge-1'],
    ['timeMs', 0, '1 1970-01-01T00:00:00.000Z edge-1'],
  ];
  for (const [field, value, written] of headers) {
    it(`${field} ${JSON.stringify(value).slice(0, 30)} stays what the header may hold`, () => {
      const line = write({ timeMs: -1, [field]: value });
      assert.ok(line.includes(written), line);
    });
  }

  it('escapes quote, backslash and bracket in values (§6.3.3)', () => {
    const elements = [
      { id: 'a@1', parameters: { x: '"]', y: '' } },
      { id: 'b@1', parameters: {} },
    ];
    assert.match(write({ elements }), / \[a@1 x="\\"\\\]" y=""\]\[b@1\] hello$/);
  });

  for (const [what, value] of HOSTILE) {
    it(`keeps ${what} inside a value`, () => {
      const line = write({ elements: [{ id: 'a@1', parameters: { x: value } }] });
      assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      assert.match(
        line,
        /^<109>1 \S+ edge-1 sallyport 2 partner-changed \[a@1 x="(?:[^"\\\]]|\\["\\\]])*"\] hello$/u,
      );
    });
  }

  it('has the byte order mark when its text is more than ASCII, and only then (§6.4)', () => {
    assert.match(write({ text: 'Grüße' }), / - \ufeffGrüße$/);
    assert.match(write({ text: '~ !' }), / - ~ !$/);
  });

  it('takes no text with a control character: that is a bug of whoever wrote it', () => {
    for (const control of ['\n', '\r', '\0', '\u001b', '\u007f', '\u0085']) {
      assert.throws(() => write({ text: `a${control}b` }), /control character/);
    }
  });

  it('is one line, whatever stands in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, value) => {
        const line = write({ hostName: name, elements: [{ id: 'a@1', parameters: { x: value } }] });
        assert.doesNotMatch(line, /[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
      { seed: 5424, numRuns: 500 },
    );
  });
});
