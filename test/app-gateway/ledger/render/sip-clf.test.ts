import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { type EntryView, entryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import { refusalClf, sipClf } from '@sallyport/app-gateway/ledger/render/sip-clf.ts';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import type { AuditTypeName } from '@sallyport/shared/audit/record-types.ts';
import { HOSTILE, hostileEntry } from './hostile-values.ts';

const EXAMPLE = readFileSync(new URL('../../../vectors/sip-clf/example.txt', import.meta.url));
/** What the example says. */
const INVITE = {
  cseq: '1 INVITE',
  method: 'INVITE',
  requestUri: 'sip:192.0.2.10',
  destination: '192.0.2.10',
  destinationPort: 5060,
  source: '192.0.2.200',
  sourcePort: 56_485,
  to: 'sip:192.0.2.10',
  from: 'sip:1001@example.com:5060',
  fromTag: 'DL88360fa5fc',
  callId: 'DL70dff590c1-1079051554@example.com',
  serverTransaction: 'S1781761-88',
  clientTransaction: 'C67651-11',
};
const FIELDS_MAX = 4096;
const POINTER_MAX = 0xff_ff;

const view = (type: AuditTypeName, fields: EntryView['fields'], timeMs = 1_328_821_153_010) => ({
  ...{ index: 1, timeMs, type, node: 'edge-1', worker: 0, epoch: '0000000000000001', seq: 1 },
  fields,
});
/** As one that came through the ledger. */
const kept = (type: AuditTypeName, fields: object): EntryView =>
  entryView({
    ...{ index: 1, day: '2026-11-21', source: { node: 'edge-1', worker: 0, epoch: 1n }, seq: 1 },
    record: encodeRecord({ type, timeMs: 1_328_821_153_010, seq: 1, fields }),
  });

/** Reads by the pointers alone, as the RFC wants it read: octets counted from 1. */
function fieldsOf(record: string): { readonly flags: string; readonly values: readonly string[] } {
  const octets = Buffer.from(record);
  const pointers = Array.from({ length: 13 }, (_, at) =>
    Number.parseInt(octets.toString('latin1', 8 + at * 4, 12 + at * 4), 16),
  );
  assert.match(record, /^A[0-9A-F]{6},[0-9A-F]{52}\n\d{10}\.\d{3}\t[Rr][ODS][SR][UTSW][EU]\t/);
  assert.equal(Number.parseInt(record.slice(1, 7), 16), octets.length);
  // Without optional fields the last one points to the line feed at the end.
  assert.equal(pointers[12], octets.length);
  assert.equal(octets[octets.length - 1], 0x0a);
  const values = pointers.slice(0, 12).map((pointer, at) => {
    const next = pointers[at + 1] ?? 0;
    assert.equal(octets[next - 2], at === 11 ? octets[octets.length - 2] : 0x09);
    return octets.toString('utf8', pointer - 1, at === 11 ? next - 1 : next - 2);
  });
  return { flags: record.slice(76, 81), values };
}

const read = (record: string | undefined) => {
  assert.ok(record !== undefined);
  const { flags, values } = fieldsOf(record);
  return [flags, ...values].join(' | ');
};

describe('SIP Common Log Format (RFC 6873)', () => {
  it('is the example of the RFC, octet by octet, but for the transport that we always have', () => {
    // The example came over UDP, not encrypted; at this edge everything comes over TLS.
    const written = sipClf(view('message-admitted', INVITE)) ?? '';
    assert.deepEqual(Buffer.from(written.replace('\tRORTE\t', '\tRORUU\t')), EXAMPLE);
    assert.equal(sipClf(kept('message-admitted', INVITE)), written);
  });

  it('reads the example as the test’s own reader does', () => {
    assert.equal(
      read(EXAMPLE.toString()),
      'RORUU | 1 INVITE | - | sip:192.0.2.10 | 192.0.2.10:5060 | 192.0.2.200:56485 | sip:192.0.2.10 | - | sip:1001@example.com:5060 | DL88360fa5fc | DL70dff590c1-1079051554@example.com | S1781761-88 | C67651-11',
    );
  });

  const there = '192.0.2.10:5060 | 192.0.2.200:56485';
  const back = '192.0.2.200:56485 | 192.0.2.10:5060';
  const who = (toTag: string) =>
    `sip:192.0.2.10 | ${toTag} | sip:1001@example.com:5060 | DL88360fa5fc | DL70dff590c1-1079051554@example.com | S1781761-88 | C67651-11`;
  const { method: _method, requestUri: _uri, ...head } = INVITE;
  //  what, record, as read
  const records: readonly (readonly [string, AuditTypeName, object, string])[] = [
    [
      'a request that we sent',
      'message-sent',
      INVITE,
      `ROSTE | 1 INVITE | - | sip:192.0.2.10 | ${there} | ${who('-')}`,
    ],
    [
      'an answer of ours over another connection than its request came on',
      'message-sent',
      { ...head, status: 200, toTag: 't9' },
      `rOSTE | 1 INVITE | 200 | - | ${there} | ${who('t9')}`,
    ],
    [
      'a request that came without TLS',
      'message-admitted',
      { ...INVITE, transport: 'TCP' },
      `RORTU | 1 INVITE | - | sip:192.0.2.10 | ${there} | ${who('-')}`,
    ],
    [
      'a response: no Request-URI, and the tag of the one who answered',
      'response-received',
      { ...head, status: 486, toTag: 't9' },
      `rORTE | 1 INVITE | 486 | - | ${there} | ${who('t9')}`,
    ],
    [
      'a request that was refused: the status is that of the answer, which is a record of its own',
      'message-refused',
      { ...INVITE, status: 403, code: 'x', answeredBy: 'edge' },
      `RORTE | 1 INVITE | - | sip:192.0.2.10 | ${there} | ${who('-')}`,
    ],
    [
      'a response that was refused',
      'message-refused',
      { ...head, status: 200, code: 'x' },
      `rORTE | 1 INVITE | 200 | - | ${there} | ${who('-')}`,
    ],
    [
      'something that could not be read',
      'message-refused',
      { source: '2001:db8::7', sourcePort: 5061, code: 'sip-head-too-large' },
      'RORTE | ? | - | ? | - | [2001:db8::7]:5061 | ? | - | ? | - | ? | - | -',
    ],
  ];
  for (const [what, type, fields, expected] of records) {
    it(what, () => assert.equal(read(sipClf(kept(type, fields))), expected));
  }

  it('an answer of a gateway has from its request what it does not say itself', () => {
    const request = view('message-admitted', INVITE);
    const answer = view('message-answered', { requestSeq: 1, status: 200, toTag: 't9' }, 5);
    assert.equal(
      read(sipClf(answer, request)),
      `rOSTE | 1 INVITE | 200 | - | ${back} | ${who('t9')}`,
    );
    assert.match(sipClf(answer, request) ?? '', /\n0000000000\.005\t/);
  });

  it('an answer of the edge to what it refused goes back; where nothing was answered there is none', () => {
    const refused = { ...INVITE, status: 403, code: 'x' };
    assert.equal(
      read(refusalClf(kept('message-refused', { ...refused, answeredBy: 'edge' }))),
      `rOSTE | 1 INVITE | 403 | - | ${back} | ${who('-')}`,
    );
    assert.equal(refusalClf(kept('message-refused', { code: 'x' })), undefined);
    assert.equal(refusalClf(kept('message-admitted', INVITE)), undefined);
  });

  it('is for messages alone', () => {
    assert.equal(sipClf(kept('clock-stepped', { expectedMs: 1n })), undefined);
  });

  //  value of the wire, as written
  const values: readonly (readonly [Buffer, string])[] = [
    [Buffer.from('-'), '%2D'],
    [Buffer.from('?'), '%3F'],
    [Buffer.from('--?'), '--?'],
    [Buffer.from('a\tb'), 'a b'],
    [Buffer.from('a\r\nb'), 'a%0D%0Ab'],
    [Buffer.from('a\\nb'), 'a\\nb'],
    [Buffer.from('a%0Db'), 'a%0Db'],
    [Buffer.from('a\u202eb'), 'a%E2%80%AEb'],
    [Buffer.from([0x61, 0xff, 0xfe, 0xc3, 0x28]), 'a%FF%FE%C3('],
    [Buffer.from('grüße 👍'), 'grüße 👍'],
  ];
  for (const [octets, expected] of values) {
    it(`${JSON.stringify(octets.toString('latin1'))} is ${expected}`, () => {
      const { values: found } = fieldsOf(sipClf(entryView(hostileEntry(octets))) ?? '');
      assert.deepEqual([found[5], found[9], found[10]], [expected, expected, expected]);
    });
  }

  for (const [what, octets] of HOSTILE) {
    it(`${what}: pointers lead to the fields`, () => {
      const { values: found } = fieldsOf(sipClf(entryView(hostileEntry(octets))) ?? '');
      assert.deepEqual([found[4], found[1], found[5]], ['192.0.2.7:5061', '-', found[9]]);
    });
  }

  it('the longest record has no field and no pointer above the limits of the RFC', () => {
    const longest = Buffer.alloc(600, 0xff);
    const record = sipClf(entryView(hostileEntry(longest))) ?? '';
    const { values: found } = fieldsOf(record);
    assert.ok(found.some((value) => value.length > 1000));
    assert.ok(found.every((value) => Buffer.byteLength(value) <= FIELDS_MAX));
    assert.ok(Buffer.byteLength(record) <= POINTER_MAX);
  });
});
