import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TextSpans } from '@sallyport/dmz-proxy/audit/text-spans.ts';
import { FIELD, fieldById } from '@sallyport/shared/audit/record-fields.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { LIMITS } from '../edge-fixture.ts';

const REQUEST = [
  'INVITE sip:bob@home.example SIP/2.0',
  'Via: SIP/2.0/TLS a.example;branch=z9hG4bKb1, SIP/2.0/TLS b.example;branch=z9hG4bKb2',
  'From: "A" <sip:ann@acme.example>;x=y;tag=f1',
  'To: <sip:bob@home.example>',
  'Call-ID: c1@acme.example',
  'CSeq: 7 INVITE',
  'Content-Length: 0',
  '',
  '',
].join('\r\n');

const spans = new TextSpans();

function told(text: string, gather: (index: MessageIndex) => void): Record<string, string> {
  const bytes = Buffer.from(text, 'latin1');
  const index = new MessageIndex(LIMITS);
  index.scan(bytes, 0, bytes.length);
  gather(index);
  const found: Record<string, string> = {};
  for (let i = 0; i < spans.count; i += 3) {
    const [field = 0, start = 0, end = 0] = spans.numbers.subarray(i, i + 3);
    found[fieldById(field)?.name ?? field] = bytes.toString('latin1', start, end);
  }
  return found;
}

const FIELDS = {
  cseq: '7 INVITE',
  callId: 'c1@acme.example',
  from: 'sip:ann@acme.example',
  fromTag: 'f1',
};
const screened = (index: MessageIndex) => spans.ofScreened(index);
const fields = (index: MessageIndex) => spans.ofFields(index, FIELD.clientTransaction);

//  what                   text                                       gather    found
const rows: readonly (readonly [string, string, typeof screened, Record<string, string>])[] = [
  [
    'a screened request, To being its Request-URI',
    REQUEST,
    screened,
    { requestUri: 'sip:bob@home.example', ...FIELDS, serverTransaction: 'z9hG4bKb1' },
  ],
  [
    'one to somebody else, in a dialog',
    REQUEST.replace('<sip:bob@home.example>', 'sip:bot@home.example;tag=t1'),
    screened,
    {
      requestUri: 'sip:bob@home.example',
      ...FIELDS,
      to: 'sip:bot@home.example',
      toTag: 't1',
      serverTransaction: 'z9hG4bKb1',
    },
  ],
  [
    'the start line',
    REQUEST,
    (index) => spans.ofStartLine(index),
    { method: 'INVITE', requestUri: 'sip:bob@home.example' },
  ],
  [
    'the fields, nothing left out',
    REQUEST,
    fields,
    { ...FIELDS, to: 'sip:bob@home.example', clientTransaction: 'z9hG4bKb1' },
  ],
  [
    'what cannot be read, as it stands',
    REQUEST.replace(/From: [^\r]*/, 'From: <<').replace(/To: [^\r]*/, 'To: >'),
    fields,
    {
      cseq: '7 INVITE',
      callId: 'c1@acme.example',
      from: '<<',
      to: '>',
      clientTransaction: 'z9hG4bKb1',
    },
  ],
  ['nothing but a start line', 'INVITE sip:bob@home.example SIP/2.0\r\n\r\n', fields, {}],
];

describe('texts of a message for its record', () => {
  for (const [what, text, gather, found] of rows) {
    it(what, () => {
      assert.deepEqual(told(text, gather), found);
      const order = Array.from({ length: spans.count / 3 }, (_, i) => spans.numbers[3 * i] ?? 0);
      assert.deepEqual(
        order,
        order.toSorted((one, other) => one - other),
      );
    });
  }

  it('a To that differs from the Request-URI in one byte, wherever that is, or in its length', () => {
    for (let length = 2; length < 14; length++) {
      const uri = `sip:${'b'.repeat(length)}`;
      const about = (to: string) =>
        told(
          REQUEST.replace('INVITE sip:bob@home.example', `INVITE ${uri}`).replace(
            '<sip:bob@home.example>',
            `<${to}>`,
          ),
          screened,
        )['to'];
      assert.equal(about(uri), undefined);
      for (const other of [`${uri}b`, uri.slice(0, -1)]) assert.equal(about(other), other);
      for (let at = 4; at < uri.length; at++) {
        const other = `${uri.slice(0, at)}c${uri.slice(at + 1)}`;
        assert.equal(about(other), other);
      }
    }
  });
});
