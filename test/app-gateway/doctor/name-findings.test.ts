import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type NameAnswer,
  nameFindings,
  nameQuestions,
} from '@sallyport/app-gateway/doctor/name-findings.ts';
import { proxyNode } from './example-nodes.ts';
import { glance } from './fake-system.ts';

const gateway = {
  ...proxyNode(),
  role: 'gateway',
  publicNames: ['sip.acme.example'],
  published: { host: 'sip.acme.example', port: 5061 },
  domains: ['acme.example'],
} as const;

/** Answers to the gateway’s questions, in their order. */
function answers(...found: readonly (readonly string[] | undefined)[]): readonly NameAnswer[] {
  return nameQuestions(gateway).map((question, at) => ({ ...question, found: found[at] }));
}

describe('names in the DNS', () => {
  it('what is asked: whether anybody answers, public hosts, services; addresses are no names', () => {
    assert.deepEqual(
      nameQuestions({
        ...gateway,
        publicNames: ['sip.acme.example', '192.0.2.1', '2001:db8::1'],
      }).map(({ type, name }) => `${type} ${name}`),
      ['reach sallyport.invalid', 'address sip.acme.example', 'SRV _sips._tcp.acme.example'],
    );
  });

  //  found                                                         findings
  const rows: readonly (readonly [
    readonly (readonly string[] | undefined)[],
    readonly string[],
  ])[] = [
    [
      [[], ['192.0.2.5'], ['sip.acme.example:5061']],
      ['ok name-servers', 'ok public-name', 'ok service-record'],
    ],
    [
      [[], [], []],
      ['ok name-servers', 'warning public-name', 'warning service-record'],
    ],
    [
      [[], ['192.0.2.5'], ['sip.acme.example:5062']],
      ['ok name-servers', 'ok public-name', 'warning service-record'],
    ],
    [
      [[], ['192.0.2.5'], undefined],
      ['ok name-servers', 'ok public-name', 'unknown service-record'],
    ],
    [[undefined, undefined], ['unknown name-servers']],
  ];
  for (const [found, expected] of rows) {
    it(`${JSON.stringify(found)}: ${expected.join(', ')}`, () => {
      assert.deepEqual(glance(nameFindings(gateway, answers(...found))), expected);
    });
  }

  it('a proxy without an answer cannot find partners', () => {
    const found = nameFindings(proxyNode(), [{ name: 'x', type: 'reach', found: undefined }]);
    assert.deepEqual(glance(found), ['fault name-servers']);
  });

  it('a gateway that may ask nobody is not sent to open the firewall', () => {
    const [told] = nameFindings(gateway, [{ name: 'x', type: 'reach', found: undefined }]);
    assert.equal(told?.level, 'unknown');
    assert.doesNotMatch(told?.next ?? '', /firewall/);
  });

  it('servers that refuse are told from servers that are silent', () => {
    const silent = { name: 'x', type: 'reach', found: undefined } as const;
    const [told] = nameFindings(proxyNode(), [silent, { ...silent, isRefused: true }]);
    assert.match(told?.what ?? '', /refuse to look names up/);
    assert.doesNotMatch(told?.next ?? '', /firewall/);
    assert.match(nameFindings(proxyNode(), [silent])[0]?.what ?? '', /no name server answers/);
  });

  it('a missing record is written out', () => {
    const [, , srv] = nameFindings(gateway, answers([], ['192.0.2.5'], []));
    assert.equal(srv?.next, 'publish _sips._tcp.acme.example SRV 0 0 5061 sip.acme.example.');
  });
});
