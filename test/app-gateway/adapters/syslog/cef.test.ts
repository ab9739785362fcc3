import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatCef } from '@sallyport/app-gateway/adapters/syslog/cef.ts';
import { entryView } from '@sallyport/app-gateway/ledger/render/entry-view.ts';
import { visibleText } from '@sallyport/app-gateway/ledger/render/visible-text.ts';
import { bytesOfText } from '@sallyport/shared/audit/wire-text.ts';
import fc from 'fast-check';
import { entryOf, HOSTILE, refusedMessage, TIME_MS } from './siem-records.ts';

/** Reads CEF as its description says, and throws where that cannot be done. */
function parseCef(line: string): { header: readonly string[]; extension: Map<string, string> } {
  assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  const match = /^CEF:0\|((?:(?:[^|\\]|\\[|\\])*\|){6})(.*)$/su.exec(line);
  assert.ok(match, line);
  const header = (match[1] ?? '').match(/(?:[^|\\]|\\[|\\])*\|/gu) ?? [];
  const extension = new Map<string, string>();
  let rest = match[2] ?? '';
  while (rest !== '') {
    const pair = /^([A-Za-z0-9]+)=((?:[^=\\]|\\[=\\])*?)(?: (?=[A-Za-z0-9]+=)|$)/su.exec(rest);
    assert.ok(pair, rest);
    assert.ok(!extension.has(pair[1] ?? ''), `twice: ${pair[1]}`);
    extension.set(pair[1] ?? '', (pair[2] ?? '').replace(/\\([=\\])/g, '$1'));
    rest = rest.slice(pair[0].length);
  }
  return {
    header: header.map((field) => field.slice(0, -1).replace(/\\([|\\])/g, '$1')),
    extension,
  };
}

const cef = (entry: ReturnType<typeof refusedMessage>) =>
  parseCef(formatCef(entryView(entry), '0.4.0'));

describe('a record in CEF', () => {
  it('has the names that the format knows', () => {
    const { header, extension } = cef(refusedMessage(41, 'alice'));
    assert.deepEqual(header, [
      'Sallyport',
      'Sallyport',
      '0.4.0',
      'message-refused',
      'Message refused',
      '6',
    ]);
    assert.deepEqual(Object.fromEntries(extension), {
      rt: String(TIME_MS),
      externalId: '41',
      dvchost: 'edge-1',
      app: 'SIP',
      act: 'denied',
      src: '192.0.2.7',
      spt: '40001',
      dst: '198.51.100.1',
      dpt: '5061',
      requestMethod: 'INVITE',
      request: 'sip:alice@acme.example',
      suser: 'alice',
      duser: 'alice',
      reason: 'method-not-allowed',
      cs1Label: 'partner',
      cs1: 'globex',
      cs2Label: 'callId',
      cs2: 'alice',
      cs3Label: 'rule',
      cs3: 'partner/globex/methods',
      cn1Label: 'status',
      cn1: '403',
      cn2Label: 'size',
      cn2: '612',
      sallyportConnection: '7',
      sallyportStreamWorker: '2',
      sallyportStreamEpoch: '1122334455667788',
      sallyportSeq: '41',
    });
  });

  it('keeps the fields of a stream apart from those of its first record', () => {
    const opened = entryOf(0, 'stream-opened', {
      node: 'edge-1',
      worker: 2,
      epoch: 1n,
      programVersion: '0.4.0',
    });
    const { extension } = cef(opened);
    assert.equal(extension.get('sallyportEpoch'), '0000000000000001');
    assert.equal(extension.get('sallyportStreamEpoch'), '1122334455667788');
    assert.equal(extension.has('act'), false);
  });

  it('has IPv6 addresses where the format has them, and none where it demands IPv4', () => {
    const ends = { connection: 1, source: '2001:db8::7', destination: '2001:db8::1' };
    const { extension } = cef(entryOf(1, 'connection-opened', ends));
    assert.equal(extension.get('c6a2'), '2001:db8::7');
    assert.equal(extension.get('c6a2Label'), 'Source IPv6 Address');
    assert.equal(extension.get('c6a3'), '2001:db8::1');
    assert.equal(extension.get('c6a3Label'), 'Destination IPv6 Address');
    assert.deepEqual([extension.has('src'), extension.has('dst')], [false, false]);
  });

  it('calls SIP what is SIP alone', () => {
    const set = { hold: 'case-7', author: 'anna', note: 'court' };
    assert.equal(cef(entryOf(1, 'hold-set', set)).extension.has('app'), false);
    const opened = { peerNode: 'gateway-1' };
    assert.equal(cef(entryOf(1, 'channel-opened', opened)).extension.has('app'), false);
  });

  for (const [what, value] of HOSTILE) {
    it(`lets no value leave its field: ${what}`, () => {
      const { header, extension } = cef(refusedMessage(1, value));
      const plain = cef(refusedMessage(1, 'x'));
      assert.deepEqual(header, plain.header);
      assert.deepEqual([...extension.keys()], [...plain.extension.keys()]);
      assert.equal(extension.get('act'), 'denied');
      for (const key of ['cs2', 'suser', 'duser']) {
        assert.equal(extension.get(key), visibleText(bytesOfText(value)));
      }
    });
  }

  it('escapes a pipe in the header', () => {
    const { header } = parseCef(formatCef(entryView(refusedMessage(1, 'x')), '1|2\\3\n'));
    assert.equal(header[2], '1|2\\\\3\\u{a}');
  });

  it('gives back every value that it shows', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (value) => {
        const { extension } = cef(refusedMessage(1, value));
        assert.equal(extension.get('cs2'), visibleText(value.toWellFormed()));
      }),
      { seed: 11, numRuns: 500 },
    );
  });
});
