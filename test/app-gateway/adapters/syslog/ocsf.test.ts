import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatOcsf } from '@sallyport/app-gateway/adapters/syslog/ocsf.ts';
import { entryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import { valueText } from '@sallyport/app-gateway/ledger/render/field-text.ts';
import { visibleText } from '@sallyport/app-gateway/ledger/render/visible-text.ts';
import type { LedgerEntry } from '@sallyport/app-gateway/ports/ledger-store.ts';
import type { AuditRecord } from '@sallyport/shared/audit/record.ts';
import { AUDIT_TYPES, type AuditTypeName } from '@sallyport/shared/audit/record-types.ts';
import { bytesOfText } from '@sallyport/shared/audit/wire-text.ts';
import fc from 'fast-check';
import { entryOf, HOSTILE, refusedMessage, TIME_MS } from './siem-records.ts';

type Json = Readonly<Record<string, unknown>>;

const ocsf = (entry: LedgerEntry): Json => {
  const line = formatOcsf(entryView(entry), '0.4.0');
  assert.match(line, /^[\x20-\x7e]+$/);
  return JSON.parse(line) as Json;
};

const CHANGE = { author: 'anna', command: 'partner-added', subject: 'partner/globex' };

/** A record of each type with the least that it may hold, and some. */
const RECORDS: Readonly<Record<AuditTypeName, AuditRecord['fields']>> = {
  'stream-opened': { node: 'edge-1', worker: 0, epoch: 1n, programVersion: '1' },
  seal: {
    firstSeq: 0,
    lastSeq: 1,
    recordsHash: Buffer.alloc(32),
    signature: Buffer.alloc(64),
  },
  gap: { lostRecords: 3, lostFromMs: 1n, lostUntilMs: 2n },
  'clock-stepped': { expectedMs: 1n },
  'connection-opened': { connection: 1, tlsVersion: 'TLSv1.3', cipher: 'x' },
  'connection-refused': { code: 'no-partner' },
  'connection-closed': { connection: 1, code: 'idle', durationMs: 5n, bytesReceived: 7n },
  'message-admitted': { method: 'INVITE' },
  'message-answered': { status: 404 },
  'message-refused': { code: 'flood' },
  'message-sent': { method: 'BYE' },
  'response-received': { status: 200 },
  'policy-decision': { rule: 'r', verdict: 'refused' },
  'partner-changed': CHANGE,
  'identity-changed': { ...CHANGE, command: 'identity-key-requested' },
  'configuration-changed': { ...CHANGE, command: 'reload' },
  'operator-changed': { ...CHANGE, command: 'operator-disabled' },
  'node-changed': { ...CHANGE, command: 'node-revoked' },
  'body-recorded': { sealedBodyHash: Buffer.alloc(32), sealedBodySize: 9, day: '2026-11-21' },
  'body-revealed': { author: 'anna', note: 'case 7', recordIndex: 9n },
  'body-compared': { author: 'anna', note: 'case 7', recordIndex: 9n, verdict: 'same' },
  'channel-opened': { peerNode: 'gateway-1' },
  'channel-closed': { peerNode: 'gateway-1', code: 'lost' },
  'ledger-opened': { origin: 'sallyport/acme', treeSize: 0n },
  'day-dropped': { day: '2026-11-21', firstIndex: 0n, entries: 9n },
  'hold-set': { hold: 'case-7', author: 'anna', note: 'court' },
  'hold-lifted': { hold: 'case-7' },
  'day-key-erased': { day: '2026-11-21' },
  'day-begun': { day: '2026-11-21', firstIndex: 9n, previousDay: '2026-11-20' },
  'day-kept': { day: '2026-11-21', firstIndex: 0n, entries: 9n, treeSize: 20n },
};

//  type                   class activity severity status
const CLASSES: readonly (readonly [AuditTypeName, number, number, number, number])[] = [
  ['stream-opened', 6002, 3, 1, 1],
  ['seal', 0, 99, 1, 1],
  ['gap', 0, 99, 4, 1],
  ['clock-stepped', 0, 99, 3, 1],
  ['connection-opened', 4001, 1, 1, 1],
  ['connection-refused', 4001, 5, 3, 2],
  ['connection-closed', 4001, 2, 1, 1],
  ['message-admitted', 4001, 6, 1, 1],
  ['message-answered', 4001, 6, 1, 2],
  ['message-refused', 4001, 6, 3, 2],
  ['message-sent', 4001, 6, 1, 1],
  ['response-received', 4001, 6, 1, 1],
  ['policy-decision', 4001, 6, 3, 2],
  ['partner-changed', 3004, 1, 2, 1],
  ['identity-changed', 3004, 3, 2, 1],
  ['configuration-changed', 3004, 3, 2, 1],
  ['operator-changed', 3004, 3, 2, 1],
  ['node-changed', 3004, 4, 2, 1],
  ['body-recorded', 0, 99, 1, 1],
  ['body-revealed', 6003, 2, 3, 1],
  ['body-compared', 6003, 2, 2, 1],
  ['channel-opened', 4001, 1, 1, 1],
  ['channel-closed', 4001, 2, 2, 1],
  ['ledger-opened', 6002, 3, 2, 1],
  ['day-dropped', 3004, 4, 2, 1],
  ['hold-set', 3004, 1, 2, 1],
  ['hold-lifted', 3004, 4, 2, 1],
  ['day-key-erased', 3004, 4, 2, 1],
  ['day-begun', 3004, 1, 1, 1],
  ['day-kept', 3004, 3, 2, 1],
];

/** What OCSF 1.3.0 demands of each class beyond what every event has. */
const REQUIRED: Readonly<Record<number, readonly string[]>> = {
  0: [],
  3004: ['entity', 'actor'],
  4001: ['connection_info'],
  6002: ['app'],
  6003: ['actor', 'api', 'src_endpoint'],
};

describe('a record in OCSF 1.3.0', () => {
  it('is judged here for every type', () => {
    assert.deepEqual(
      CLASSES.map(([type]) => type),
      AUDIT_TYPES.map(({ name }) => name),
    );
  });

  for (const [type, classUid, activity, severity, status] of CLASSES) {
    it(`${type} is class ${classUid}, activity ${activity}`, () => {
      const json = ocsf(entryOf(3, type, RECORDS[type]));
      assert.equal(json['class_uid'], classUid);
      assert.equal(json['category_uid'], Math.floor(classUid / 1000));
      assert.equal(json['activity_id'], activity);
      assert.equal(json['type_uid'], classUid * 100 + activity);
      assert.equal(json['severity_id'], severity);
      assert.equal(json['status_id'], status);
      assert.equal(json['time'], TIME_MS);
      for (const name of REQUIRED[classUid] ?? ['?']) assert.ok(name in json, name);
      if (classUid === 4001) assert.ok('src_endpoint' in json || 'dst_endpoint' in json);
      // The profile is of an action, and demands it.
      assert.equal('profiles' in (json['metadata'] as Json), 'action_id' in json);
      assert.equal('disposition_id' in json, 'action_id' in json);
      assert.deepEqual((json['metadata'] as Json)['product'], {
        name: 'Sallyport',
        vendor_name: 'Sallyport',
        version: '0.4.0',
      });
    });

    it(`${type} leaves nothing of its record out`, () => {
      const text = JSON.stringify(ocsf(entryOf(3, type, RECORDS[type])));
      for (const value of Object.values(entryView(entryOf(3, type, RECORDS[type])).fields)) {
        const shown = valueText(value).toString();
        assert.ok(text.includes(shown), `${shown} in ${text}`);
      }
    });
  }

  it('tells words that were not the partner’s as something that failed', () => {
    const command = 'trust-verification-failed';
    const json = ocsf(entryOf(3, 'partner-changed', { ...CHANGE, command }));
    assert.deepEqual(
      ['activity_id', 'activity_name', 'type_uid', 'severity_id', 'status_id'].map(
        (name) => json[name],
      ),
      [99, command, 300_499, 3, 2],
    );
  });

  for (const [type, direction] of [
    ['message-admitted', 1],
    ['message-answered', 2],
    ['message-sent', 2],
    ['response-received', 1],
    ['seal', undefined],
  ] as const) {
    it(`${type} has the direction ${direction}, though its record has none`, () => {
      const info = ocsf(entryOf(3, type, RECORDS[type]))['connection_info'] as Json | undefined;
      assert.equal(info?.['direction_id'], direction);
    });
  }

  it('names the host at the other end of a channel on its side', () => {
    const ends = { source: '192.0.2.1', destination: '192.0.2.2', peerNode: 'edge-1' };
    const told = (direction: string) => {
      const json = ocsf(entryOf(3, 'channel-opened', { ...ends, direction }));
      return [json['src_endpoint'], json['dst_endpoint']];
    };
    const [source, destination] = [{ ip: '192.0.2.1' }, { ip: '192.0.2.2' }];
    assert.deepEqual(told('inbound'), [{ ...source, name: 'edge-1' }, destination]);
    assert.deepEqual(told('outbound'), [source, { ...destination, name: 'edge-1' }]);
  });

  for (const [type, operation] of [
    ['body-revealed', 'audit reveal'],
    ['body-compared', 'audit match'],
  ] as const) {
    it(`${type} is what “${operation}” did`, () => {
      assert.deepEqual(ocsf(entryOf(3, type, RECORDS[type]))['api'], { operation });
    });
  }

  it('calls SIP what is SIP, and not the channel', () => {
    const app = (type: AuditTypeName) => ocsf(entryOf(3, type, RECORDS[type]))['app_name'];
    assert.deepEqual(
      AUDIT_TYPES.map(({ name }) => name).filter((name) => app(name) === 'sip'),
      CLASSES.filter(([type, uid]) => uid === 4001 && !type.startsWith('channel-')).map(
        ([type]) => type,
      ),
    );
  });

  it('tells a refused message as traffic that a control denied', () => {
    const json = ocsf(refusedMessage(41, 'alice'));
    const { metadata, ...rest } = json;
    assert.deepEqual(rest, {
      category_uid: 4,
      category_name: 'Network Activity',
      class_uid: 4001,
      class_name: 'Network Activity',
      activity_id: 6,
      type_uid: 400_106,
      severity_id: 3,
      time: TIME_MS,
      message: 'Message refused',
      status_id: 2,
      status_code: '403',
      status_detail: 'method-not-allowed',
      action_id: 2,
      disposition_id: 2,
      src_endpoint: { ip: '192.0.2.7', port: 40_001 },
      dst_endpoint: { ip: '198.51.100.1', port: 5061 },
      connection_info: {
        direction_id: 1,
        protocol_name: 'tcp',
        protocol_num: 6,
        uid: 'edge-1/2/1122334455667788/7',
      },
      traffic: { bytes: 612 },
      firewall_rule: { name: 'partner/globex/methods' },
      url: { url_string: 'sip:alice@acme.example' },
      app_name: 'sip',
      unmapped: {
        partner: 'globex',
        method: 'INVITE',
        callId: 'alice',
        from: 'alice',
        to: 'alice',
      },
    });
    assert.deepEqual(metadata, {
      version: '1.3.0',
      profiles: ['security_control'],
      product: { name: 'Sallyport', vendor_name: 'Sallyport', version: '0.4.0' },
      uid: 'edge-1/2/1122334455667788/41',
      sequence: 41,
      event_code: 'message-refused',
      log_name: 'audit-ledger',
      log_provider: 'edge-1',
      correlation_uid: 'alice',
    });
  });

  for (const [what, value] of HOSTILE) {
    it(`gives the very value back, in its field and in no other: ${what}`, () => {
      const json = ocsf(refusedMessage(1, value));
      const plain = ocsf(refusedMessage(1, 'x'));
      assert.deepEqual(Object.keys(json), Object.keys(plain));
      assert.equal(json['action_id'], 2);
      const expected = value.isWellFormed() ? value : visibleText(bytesOfText(value));
      assert.deepEqual(json['unmapped'], {
        partner: 'globex',
        method: 'INVITE',
        callId: expected,
        from: expected,
        to: expected,
      });
    });
  }

  it('gives back any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (value) => {
        const text = value.toWellFormed();
        const unmapped = ocsf(refusedMessage(1, text))['unmapped'] as Json;
        assert.equal(unmapped['from'], text);
      }),
      { seed: 13, numRuns: 500 },
    );
  });

  it('says of a record that cannot be read that it cannot, as loudly as there is', () => {
    const json = ocsf({ ...refusedMessage(5, 'x'), record: Buffer.from('\n"}garbage') });
    assert.equal(json['message'], 'Unreadable record');
    assert.equal(json['severity_id'], 5);
    assert.equal(json['class_uid'], 0);
  });
});
