import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import { type AuditRecord, encodeRecord } from '@sallyport/shared/audit/record.ts';

const SOURCE = { node: 'edge-1', worker: 0, epoch: 1n };

function shown(type: AuditRecord['type'], fields: AuditRecord['fields']): object {
  const record = encodeRecord({ type, timeMs: 1, seq: 2, fields });
  return entryView({ index: 0, day: '2026-11-21', source: SOURCE, seq: 2, record }).fields;
}

const URI = 'sip:bob@home.example';

//  what                            type                fields written                          fields shown
const rows: readonly (readonly [string, AuditRecord['type'], AuditRecord['fields'], object])[] = [
  [
    'a screened request: method and To',
    'message-admitted',
    { requestUri: URI, cseq: '7 INVITE', callId: 'c', toTag: 't', size: 0 },
    {
      method: 'INVITE',
      requestUri: URI,
      cseq: '7 INVITE',
      callId: 'c',
      to: URI,
      toTag: 't',
      size: 0,
    },
  ],
  [
    'a CSeq with more than a space',
    'message-admitted',
    { requestUri: URI, cseq: '7 \t INVITE', to: 'sip:x@y' },
    { method: 'INVITE', requestUri: URI, cseq: '7 \t INVITE', to: 'sip:x@y' },
  ],
  [
    'a request that says both',
    'message-admitted',
    { method: 'M', requestUri: URI, cseq: '7 INVITE', to: 'sip:x@y' },
    { method: 'M', requestUri: URI, cseq: '7 INVITE', to: 'sip:x@y' },
  ],
  ['a request without CSeq', 'message-admitted', { requestUri: URI }, { requestUri: URI, to: URI }],
  ['what is no request', 'message-admitted', { cseq: '7 INVITE' }, { cseq: '7 INVITE' }],
  [
    'a refused request, which leaves nothing out',
    'message-refused',
    { requestUri: URI, cseq: '7 INVITE', code: 'x' },
    { requestUri: URI, cseq: '7 INVITE', code: 'x' },
  ],
  [
    'addresses and numbers',
    'message-sent',
    { connection: 0, source: '192.0.2.1', sourcePort: 65_535, destination: '2001:db8::1' },
    { connection: 0, source: '192.0.2.1', sourcePort: 65_535, destination: '2001:db8::1' },
  ],
  [
    'numbers that JSON cannot hold',
    'clock-stepped',
    { expectedMs: 2n ** 64n - 1n },
    { expectedMs: '18446744073709551615' },
  ],
];

describe('a record as it is shown', () => {
  for (const [what, type, fields, expected] of rows) {
    it(what, () => {
      const view = shown(type, fields);
      assert.deepEqual(view, expected);
      assert.deepEqual(Object.keys(view), Object.keys(expected), 'in this order');
    });
  }

  it('is shown as it stands where an address or a number has no such length', () => {
    const record = encodeRecord({
      type: 'message-sent',
      timeMs: 1,
      seq: 2,
      fields: { source: '192.0.2.1' },
    });
    record[15] = 3;
    const cut = record.subarray(0, -1);
    cut.writeUInt16BE(cut.length);
    const view = entryView({ index: 0, day: '2026-11-21', source: SOURCE, seq: 2, record: cut });
    assert.equal(view.type, 'unreadable');
  });

  it('is shown by the number of its type where a later version wrote it', () => {
    const record = encodeRecord({
      type: 'channel-closed',
      timeMs: 1,
      seq: 2,
      fields: { peerNode: 'edge-1', code: 'stopped' },
    });
    record[3] = 200;
    const { type, fields } = entryView({
      index: 0,
      day: '2026-11-21',
      source: SOURCE,
      seq: 2,
      record,
    });
    assert.deepEqual([type, fields], ['type 200', { code: 'stopped', peerNode: 'edge-1' }]);
  });
});
