import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  decodeSendFailed,
  decodeSent,
  decodeSipTo,
  encodeSipTarget,
  knowsAbandoned,
  type SipTarget,
} from '@sallyport/shared/channel/delivery.ts';
import fc from 'fast-check';
import { helloOf } from '../io/channel-fixture.ts';

const TARGET: SipTarget = {
  partner: 'globex',
  uri: 'sips:globex.example;transport=tls',
  avoid: ['192.0.2.1:5061', '[2001:db8::1]:5061'],
};

describe('a sipTo payload', () => {
  it('holds the target and then the message', () => {
    const message = Buffer.from('OPTIONS sip:x SIP/2.0\r\n\r\n');
    const bytes = Buffer.concat([Buffer.from('##'), encodeSipTarget(TARGET), message]);
    const decoded = decodeSipTo(bytes, 2, bytes.length);
    assert.ok(decoded.ok);
    assert.deepEqual(decoded.value.target, TARGET);
    assert.deepEqual(bytes.subarray(decoded.value.sipStart), message);
  });

  it('is refused when the length field points outside', () => {
    const bytes = encodeSipTarget(TARGET);
    for (let end = 0; end < bytes.length; end++) assert.equal(decodeSipTo(bytes, 0, end).ok, false);
    assert.equal(decodeSipTo(bytes, 0, bytes.length).ok, true);
  });

  it('is refused or taken, and nothing else, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const decoded = decodeSipTo(Buffer.from(bytes), 0, bytes.length);
        assert.equal(decoded.ok, false);
      }),
    );
  });

  //  change                                   is good
  const table: readonly (readonly [object, boolean])[] = [
    [{ uri: 'sip:globex.example' }, true],
    [{ uri: 'http://globex.example' }, false],
    [{ uri: 'sip:a b' }, false],
    [{ uri: `sip:${'a'.repeat(24_572)}` }, true],
    [{ uri: `sip:${'a'.repeat(24_573)}` }, false],
    [{ uri: 'sip:\u00e9.example' }, false],
    [{ avoid: [] }, true],
    [{ avoid: ['fe80::1%eth0:5061'] }, true],
    [{ avoid: ['192.0.2.1'] }, false],
    [{ avoid: ['192.0.2.1 :5061'] }, false],
    [{ avoid: Array.from({ length: 65 }, () => '192.0.2.1:1') }, false],
    [{ partner: '' }, false],
    [{ extra: 1 }, false],
  ];
  for (const [change, expected] of table) {
    it(`${JSON.stringify(change).slice(0, 60)} is ${expected ? 'taken' : 'refused'}`, () => {
      const bytes = encodeSipTarget({ ...TARGET, ...change });
      assert.equal(decodeSipTo(bytes, 0, bytes.length).ok, expected);
    });
  }
});

type Decode = (bytes: Buffer, start: number, end: number) => { readonly ok: boolean };

//  decoder           payload                                          is good
const table: readonly (readonly [Decode, object, boolean])[] = [
  [decodeSent, { remoteAddress: '192.0.2.7', remotePort: 5061 }, true],
  [decodeSent, { remoteAddress: 'x.example', remotePort: 5061 }, false],
  [decodeSent, { remoteAddress: '192.0.2.7', remotePort: 0 }, false],
  [decodeSendFailed, { reason: 'dns' }, true],
  [decodeSendFailed, { reason: 'identity', detail: 'no path' }, true],
  [decodeSendFailed, { reason: 'identity', detail: 'two\nlines' }, false],
  [decodeSendFailed, { reason: 'bad-luck' }, false],
];

describe('what a proxy says of a delivery', () => {
  for (const [decode, payload, expected] of table) {
    it(`${decode.name} ${JSON.stringify(payload)} is ${expected ? 'taken' : 'refused'}`, () => {
      const bytes = Buffer.from(JSON.stringify(payload));
      assert.equal(decode(bytes, 0, bytes.length).ok, expected);
    });
  }
});

describe('that an exchange gets no answer', () => {
  //  ours          theirs        is said
  const versions: readonly (readonly [number[], number[], boolean])[] = [
    [[1, 2, 3, 4], [1, 2, 3, 4], true],
    [[1, 2, 3, 4], [1, 2, 3], false],
    [[1, 2, 3], [1, 2, 3, 4], false],
  ];
  for (const [ours, theirs, expected] of versions) {
    it(`${JSON.stringify([ours, theirs])}: ${expected ? 'said' : 'not said'}`, () => {
      assert.equal(knowsAbandoned(ours, helloOf('proxy', { protocolVersions: theirs })), expected);
    });
  }

  it('is not said before the hello', () => {
    assert.equal(knowsAbandoned([1, 2, 3, 4], undefined), false);
  });
});
