import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ListeningSocket } from '@sallyport/app-gateway/doctor/listening-sockets.ts';
import { isOwnAddress, portFindings } from '@sallyport/app-gateway/doctor/port-findings.ts';
import { proxyNode, workerProcess } from './example-nodes.ts';

const settings = {
  ...proxyNode(),
  places: [{ host: '192.0.2.11', port: 5061, purpose: 'partners' }],
};
const addresses = ['192.0.2.11', '127.0.0.1', '::1'];

function at(address: string, inode: string, port = 5061): ListeningSocket {
  return { protocol: 'tcp', address, port, inode };
}

const holderOf = (inode: string) => (inode === '9' ? 'nginx (9)' : undefined);
const running = [workerProcess()];
const hidden = [workerProcess({ sockets: undefined })];

//  what                          listening                    processes   level and words
const table: readonly (readonly [string, readonly ListeningSocket[], typeof running, RegExp])[] = [
  ['ours', [at('192.0.2.11', '1001')], running, /^ok is ours$/],
  ['ours on every address', [at('0.0.0.0', '1001')], running, /^ok is ours$/],
  ['free', [], [], /^ok is free$/],
  ['free, another address taken', [at('127.0.0.1', '9')], [], /^ok is free$/],
  ['somebody else’s', [at('192.0.2.11', '9')], running, /^fault nginx \(9\) listens here/],
  ['taken before the start', [at('0.0.0.0', '8')], [], /^fault another program/],
  ['hidden from this user', [at('192.0.2.11', '9')], hidden, /^unknown/],
  [
    'missing while the program runs',
    [at('192.0.2.11', '1001', 5062)],
    running,
    /^fault .*does not listen/,
  ],
];

describe('the ports of a node', () => {
  for (const [what, sockets, processes, expected] of table) {
    it(what, () => {
      const [finding] = portFindings(settings, { sockets, addresses, processes, holderOf });
      assert.match(`${finding?.level} ${finding?.what}`, expected);
      assert.equal(finding?.where, '192.0.2.11:5061 (partners)');
    });
  }

  it('what a port waits for: to partners a proxy opens last', () => {
    const places = ['partners, plain TCP', 'inner servers', 'channel of worker 0'].map(
      (purpose) => ({ host: '192.0.2.11', port: 5061, purpose }),
    );
    const view = { sockets: [], addresses, processes: running, holderOf };
    const nexts = portFindings({ ...settings, places }, view).map(({ next }) => next);
    assert.match(nexts[0] ?? '', /when it has a gateway$/);
    for (const next of nexts.slice(1)) assert.match(next ?? '', /when the program has started$/);
  });

  it('an address that the machine does not have', () => {
    const [finding] = portFindings(settings, {
      sockets: [],
      addresses: ['10.1.0.11'],
      processes: [],
      holderOf,
    });
    assert.match(`${finding?.level} ${finding?.what}`, /^fault is no address of this machine/);
  });

  it('a host that has none of several addresses is one finding: somebody looks on the wrong one', () => {
    const places = [
      ...settings.places,
      { host: '10.1.0.11', port: 7443, purpose: 'channel' },
      { host: '127.0.0.1', port: 8081, purpose: 'health' },
    ];
    const looked = (own: readonly string[]) =>
      portFindings(
        { ...settings, places },
        { sockets: [], addresses: own, processes: [], holderOf },
      ).map(({ level, what }) => `${level} ${what}`);
    assert.deepEqual(looked(['198.51.100.1']), [
      'fault none of its addresses is of this machine: 192.0.2.11, 10.1.0.11',
    ]);
    assert.deepEqual(looked(['10.1.0.11']), [
      'fault is no address of this machine',
      'ok is free',
      'ok is free',
    ]);
  });

  for (const [host, own] of [
    ['192.0.2.11', true],
    ['192.0.2.12', false],
    ['0.0.0.0', true],
    ['::', true],
    ['127.0.0.53', true],
    ['2001:db8:0::1', true],
  ] as const) {
    it(`${host} is ${own ? 'this machine' : 'another'}`, () => {
      assert.equal(isOwnAddress(host, ['192.0.2.11', '2001:db8::1']), own);
    });
  }

  it('every address is one of the machine, whatever serves it; port 0 is left alone', () => {
    const places = [
      { host: '0.0.0.0', port: 5061, purpose: 'partners' },
      { host: '127.0.0.1', port: 0, purpose: 'health' },
    ];
    const found = portFindings(
      { ...settings, places },
      { sockets: [at('192.0.2.11', '1001')], addresses, processes: running, holderOf },
    );
    assert.deepEqual(
      found.map(({ level }) => level),
      ['ok'],
    );
  });
});
