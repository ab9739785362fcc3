import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { columnsOf, columnText, columnUser } from '@sallyport/app-gateway/ledger/record-columns.ts';
import { type AuditRecord, encodeRecord } from '@sallyport/shared/audit/record.ts';

const AT_MS = Date.UTC(2026, 10, 21);

describe('columns of a record', () => {
  const rows: readonly (readonly [string, Pick<AuditRecord, 'type' | 'fields'>, object])[] = [
    [
      'a request',
      {
        type: 'message-admitted',
        fields: {
          partner: 'acme',
          callId: 'c1@acme.example',
          from: 'sip:Ann@Acme.example;transport=tls',
          to: '"Bob" <sips:bob@home.example:5061>',
          source: '2001:db8::7',
          method: 'INVITE',
        },
      },
      {
        type: 20,
        partner: 'acme',
        callId: 'c1@acme.example',
        fromUser: 'Ann@acme.example',
        toUser: 'bob@home.example',
        address: '2001:db8::7',
      },
    ],
    [
      'a request to whom its Request-URI says',
      { type: 'message-admitted', fields: { requestUri: 'sip:Bob@Home.example', fromTag: 'x' } },
      { type: 20, toUser: 'Bob@home.example' },
    ],
    [
      'a refused one without To',
      { type: 'message-refused', fields: { requestUri: 'sip:bob@home.example', code: 'x' } },
      { type: 22, verdict: 'x' },
    ],
    [
      'a change of a partner',
      {
        type: 'partner-changed',
        fields: { author: 'ann', command: 'partner-severed', subject: 'partner/globex' },
      },
      { type: 40, partner: 'globex' },
    ],
    [
      'a change of something else',
      {
        type: 'operator-changed',
        fields: { author: 'ann', command: 'operator-added', subject: 'operator/bob' },
      },
      { type: 43 },
    ],
    [
      'an answer',
      { type: 'message-answered', fields: { requestSeq: 7, status: 486 } },
      { type: 21, requestSeq: 7, status: 486 },
    ],
    [
      'a status that no column can hold',
      { type: 'message-answered', fields: { status: 4_000_000_000 } },
      { type: 21, status: 32_767 },
    ],
    [
      'a refusal: its code',
      { type: 'connection-refused', fields: { code: 'partner-unknown' } },
      { type: 11, verdict: 'partner-unknown' },
    ],
    [
      'a decision: its verdict, not its code',
      { type: 'policy-decision', fields: { rule: 'r', verdict: 'refused', code: 'no-federation' } },
      { type: 30, verdict: 'refused' },
    ],
  ];
  for (const [what, record, columns] of rows) {
    it(`are found in ${what}`, () => {
      const bytes = encodeRecord({ ...record, timeMs: AT_MS, seq: 9 });
      assert.deepEqual(columnsOf(bytes), { timeMs: AT_MS, ...columns });
    });
  }
});

describe('text of a column', () => {
  const rows = [
    ['plain', 'plain'],
    ['a\0b', 'a\ufffdb'],
    ['half \ud800', 'half \ufffd'],
    ['a byte \udc80', 'a byte \ufffd'],
    ['\r\n', '\r\n'],
  ] as const;
  for (const [text, column] of rows) {
    it(JSON.stringify(text), () => assert.equal(columnText(text), column));
  }
});

describe('user of a column', () => {
  const rows = [
    ['ann@example.com', 'ann@example.com'],
    ['sip:ann@EXAMPLE.com', 'ann@example.com'],
    ['sips:Ann@example.com:5061;transport=tls?x=y', 'Ann@example.com'],
    ['"A <n>" <sip:ann@example.com>;tag=1', 'ann@example.com'],
    ['tel:+49301234;phone-context=x', '+49301234'],
    ['sip:[2001:db8::1]:5061', '[2001:db8::1]'],
    ['sip:example.com', 'example.com'],
    ['', ''],
    ['<', ''],
    ['a\0@b', 'a\ufffd@b'],
  ] as const;
  for (const [text, column] of rows) {
    it(JSON.stringify(text), () => assert.equal(columnUser(text), column));
  }
});
