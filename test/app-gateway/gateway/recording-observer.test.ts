import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_PROXY } from '@sallyport/app-gateway/domain/core/proxy-core.ts';
import type { Origin } from '@sallyport/app-gateway/domain/signalling.ts';
import { CountingObserver } from '@sallyport/app-gateway/gateway/counting-observer.ts';
import { RecordingObserver } from '@sallyport/app-gateway/gateway/recording-observer.ts';
import { RECORDED_A_MINUTE } from '@sallyport/app-gateway/ledger/refusal-counts.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { ManualClock } from '../../shared/io/manual-clock.ts';
import { fromInside, fromPartner } from '../domain/core/core-stage.ts';

const LIMITS = {
  headBytesMax: 8192,
  bodyBytesMax: 8192,
  requestUriBytesMax: 1024,
  lineBytesMax: 4096,
  headersMax: 96,
};
const FORBIDDEN = { status: 403, reasonPhrase: 'Forbidden', rule: 'no-open-relay', headers: [] };

function origin(side: 'inside' | 'outside', peer: string): Origin {
  return {
    side,
    peer,
    flow: side === 'outside' ? 'edge-1/0/7' : '',
    sourceAddress: '192.0.2.1',
    sourcePort: 5061,
    share: { held: 0, bytes: 0 },
    isOpen: true,
    isOrphaned: false,
    allowReuse: () => undefined,
    abandon: () => undefined,
    respond: () => true,
  };
}

function scanned(text: string): MessageIndex {
  const index = new MessageIndex(LIMITS);
  const bytes = Buffer.from(text, 'latin1');
  index.scan(bytes, 0, bytes.length);
  return index;
}

describe('decisions of the core on record', () => {
  const notes: unknown[] = [];
  const counts = new CountingObserver();
  const clock = new ManualClock();
  const observer = new RecordingObserver(
    counts,
    (type, fields) => {
      notes.push([type, fields]);
      return Promise.resolve(true);
    },
    clock,
  );

  const rows = [
    [
      'a partner’s request',
      origin('outside', 'globex'),
      fromPartner('MESSAGE', { callId: 'c-1' }),
      {
        ...{ direction: 'inbound', partner: 'globex' },
        ...{ requestUri: 'sip:bob@acme.example', cseq: '1 MESSAGE', callId: 'c-1' },
        ...{ from: 'sip:alice@globex.example', fromTag: 'alice1', to: 'sip:bob@acme.example' },
        serverTransaction: 'z9hG4bKglobex1',
      },
    ],
    [
      'an own user’s request',
      origin('inside', 'staff'),
      fromInside('MESSAGE', { from: '<sip:b\xffb@acme.example>;tag=x' }),
      {
        direction: 'outbound',
        note: 'from community staff',
        from: '<sip:b\udcffb@acme.example>;tag=x',
      },
    ],
  ] as const;
  for (const [what, from, text, expected] of rows) {
    it(`has rule, status and users of ${what}`, () => {
      notes.splice(0);
      observer.refused(from, FORBIDDEN, 'MESSAGE', scanned(text));
      const [[type, fields]] = notes as [[string, Record<string, unknown>]];
      assert.equal(type, 'policy-decision');
      assert.partialDeepStrictEqual(fields, {
        ...{ rule: 'no-open-relay', verdict: 'refused', status: 403, method: 'MESSAGE' },
        ...expected,
      });
    });
  }

  it('has what can be read of a request without From and Call-ID', () => {
    notes.splice(0);
    const bare = 'MESSAGE sip:x@acme.example SIP/2.0\r\nContent-Length: 0\r\n\r\n';
    observer.refused(origin('outside', 'globex'), FORBIDDEN, 'MESSAGE', scanned(bare));
    const [[, fields]] = notes as [[string, object]];
    assert.deepEqual(Object.keys(fields), [
      ...['rule', 'verdict', 'direction', 'partner', 'method', 'status', 'requestUri'],
    ]);
  });

  it('has no answers that refuse nothing; everything is counted', () => {
    notes.splice(0);
    const answer = { ...FORBIDDEN, status: 200, rule: 'options-to-us' };
    observer.refused(
      origin('outside', 'globex'),
      answer,
      'OPTIONS',
      scanned(fromPartner('OPTIONS')),
    );
    observer.refused(
      origin('inside', 'staff'),
      NO_PROXY,
      'OPTIONS',
      scanned(fromInside('OPTIONS')),
    );
    observer.forwarded('MESSAGE', 'inward');
    observer.answered('MESSAGE', 200);
    observer.stray('ack');
    assert.deepEqual(notes, []);
    assert.deepEqual(counts.counts(), {
      ...{ 'refused.no-open-relay': 3, 'options-to-us': 1, 'refused.no-proxy': 1 },
      ...{ 'requests.inward': 1, 'responses.2xx': 1, 'stray.ack': 1 },
    });
  });

  it('has the first ones of a flood, and how many more there were, by rule, partner and host', () => {
    notes.splice(0);
    const flood = new RecordingObserver(
      new CountingObserver(),
      (type, fields) => {
        notes.push([type, fields]);
        return Promise.resolve(true);
      },
      clock,
    );
    const message = scanned(fromPartner('MESSAGE'));
    for (let at = 0; at < 5000; at++) {
      flood.refused(origin('outside', 'globex'), FORBIDDEN, 'MESSAGE', message);
    }
    flood.refused(origin('outside', 'initech'), FORBIDDEN, 'MESSAGE', message);
    flood.refused(origin('inside', 'staff'), FORBIDDEN, 'MESSAGE', message);
    assert.equal(notes.length, RECORDED_A_MINUTE + 2);
    flood.stop();
    assert.equal(notes.length, RECORDED_A_MINUTE + 3);
    assert.partialDeepStrictEqual(notes.at(-1), [
      'gap',
      { lostRecords: 5000 - RECORDED_A_MINUTE, note: 'no-open-relay of globex, from edge-1' },
    ]);
  });
});
