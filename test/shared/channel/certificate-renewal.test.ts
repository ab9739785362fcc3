import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  decodeCertificateIssued,
  decodeCertificateRequest,
  knowsRenewal,
} from '@sallyport/shared/channel/certificate-renewal.ts';
import { helloOf, siteAuthority } from '../io/channel-fixture.ts';

const PEM = siteAuthority.certificatePem;

function isGood(decode: typeof decodeCertificateIssued | typeof decodeCertificateRequest) {
  return (value: unknown) => {
    const bytes = Buffer.from(JSON.stringify(value));
    return decode(bytes, 0, bytes.length).ok;
  };
}

//  request                                is good
const requests: readonly (readonly [unknown, boolean])[] = [
  [{ request: 'AAAA' }, true],
  [{ request: 'A'.repeat(11_000) }, true],
  [{ request: 'A'.repeat(11_001) }, false],
  [{ request: '' }, false],
  [{ request: 'not base64' }, false],
  [{ request: 'AAAA', node: 'edge-2' }, false],
  [{}, false],
];

//  answer                                              is good
const answers: readonly (readonly [unknown, boolean])[] = [
  [{ chain: PEM }, true],
  [{ chain: PEM.repeat(4) }, true],
  [{ chain: PEM.repeat(5) }, false],
  [{ chain: '' }, false],
  [{ chain: `${PEM}${' '.repeat(14_000)}` }, false],
  [{ refusal: 'node-revoked' }, true],
  [{ refusal: 'because' }, false],
  [{ chain: PEM, refusal: 'node-revoked' }, false],
  [{}, false],
];

describe('the frames that renew a certificate', () => {
  for (const [value, expected] of requests) {
    it(`request ${JSON.stringify(value).slice(0, 50)} is ${expected ? 'read' : 'refused'}`, () => {
      assert.equal(isGood(decodeCertificateRequest)(value), expected);
    });
  }
  for (const [value, expected] of answers) {
    it(`answer ${JSON.stringify(value).slice(0, 50)} is ${expected ? 'read' : 'refused'}`, () => {
      assert.equal(isGood(decodeCertificateIssued)(value), expected);
    });
  }

  //  ours    theirs  knows
  const versions: readonly (readonly [number[], number[], boolean])[] = [
    [[1, 2], [1, 2], true],
    [[1, 2], [1], false],
    [[1], [1, 2], false],
    [[1, 2, 3], [2, 3, 4], true],
  ];
  for (const [ours, theirs, expected] of versions) {
    it(`${JSON.stringify([ours, theirs])}: ${expected ? 'sent' : 'not sent'}`, () => {
      assert.equal(knowsRenewal(ours, helloOf('gateway', { protocolVersions: theirs })), expected);
    });
  }

  it('are not sent before the hello', () => assert.equal(knowsRenewal([1, 2], undefined), false));
});
