import assert from 'node:assert/strict';
import { hash, X509Certificate } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { addressOf, ConnectionRecords } from '@sallyport/dmz-proxy/audit/connection-records.ts';
import type { Flow } from '@sallyport/dmz-proxy/flows/flow.ts';
import { flowPair, globexLeaf, OWN_KEY, recordedLink } from '../edge-fixture.ts';
import type { TlsPair } from '../tls-pair.ts';
import { streamUnderTest, WITNESS } from './audit-fixture.ts';

const certificate = new X509Certificate(globexLeaf.certificatePem);
const BALANCER = { address: '192.0.2.77', port: 4711 };
const own = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');
const key = certificate.publicKey.export({ type: 'spki', format: 'der' });

describe('records of connections', () => {
  let pair: TlsPair;
  let flow: Flow;
  let wallMs: number;
  let under: ReturnType<typeof streamUnderTest>;
  let connections: ConnectionRecords;
  before(async () => {
    const events = {
      message: () => undefined,
      fatal: () => undefined,
      heard: () => undefined,
      closed: () => undefined,
    };
    ({ flow, pair } = await flowPair(events, {
      facts: { balancer: BALANCER, listener: '[::]:5061' },
    }));
  });
  after(() => pair.close());
  beforeEach(() => {
    wallMs = 1_000_000;
    under = streamUnderTest();
    connections = new ConnectionRecords(under.stream, () => wallMs);
    under.stream.open(WITNESS.privateKey, 10_000_000);
    under.taken();
  });

  it('who was let in, over what, and through whom', () => {
    connections.opened(flow, pair.accepted);
    const [record] = under.taken();
    assert.equal(record?.type, 'connection-opened');
    const { certificate: leaf, publicKey, ownPublicKey, cipher, ...rest } = record?.fields ?? {};
    assert.equal(own(leaf), hash('sha256', certificate.raw, 'hex'));
    assert.equal(own(publicKey), hash('sha256', key, 'hex'));
    assert.equal(own(ownPublicKey), Buffer.from(OWN_KEY, 'base64').toString('hex'));
    assert.match(cipher ?? '', /^TLS_/);
    assert.deepEqual(rest, {
      connection: 1,
      source: '192.0.2.1',
      sourcePort: 4000,
      destination: '127.0.0.1',
      destinationPort: 5061,
      balancer: '192.0.2.77',
      balancerPort: 4711,
      direction: 'inbound',
      transport: 'TLS',
      tlsVersion: 'TLSv1.3',
      group: 'X25519MLKEM768',
      names: ['globex.example'],
      partner: 'globex',
      trustSet: flow.identity.trustSet,
      listener: '[::]:5061',
    });
  });

  it('how long it was there, and why it is not any more', () => {
    const message = Buffer.from('SIP/2.0 200 OK');
    flow.write(message, 0, message.length);
    connections.closed(flow, 'peer-closed');
    const [record] = under.taken();
    assert.equal(record?.type, 'connection-closed');
    assert.equal(record?.fields.durationMs, BigInt(wallMs));
    const { bytesReceived, bytesSent, messagesReceived, messagesSent } = record?.fields ?? {};
    assert.deepEqual(
      [bytesReceived, bytesSent, messagesReceived, messagesSent],
      [0n, BigInt(message.length), 0, 1],
    );
    assert.equal(record?.fields.code, 'peer-closed');
    assert.equal(record?.fields.connection, 1);
    assert.partialDeepStrictEqual(record?.fields, {
      ...{ source: '192.0.2.1', sourcePort: 4000, balancer: '192.0.2.77', balancerPort: 4711 },
      ...{ destination: '127.0.0.1', destinationPort: 5061, listener: '[::]:5061' },
      ...{ direction: 'inbound', transport: 'TLS', partner: 'globex' },
    });
  });

  it('the same ends of a connection that we opened, when it opens and when it closes', () => {
    const facts = { ...flow.facts, direction: 'outbound', balancer: undefined } as const;
    const outbound = { ...flow, facts, totals: flow.totals, isPlain: false } as unknown as Flow;
    connections.opened(outbound, pair.accepted);
    connections.closed(outbound, 'peer-closed');
    for (const { fields } of under.taken()) {
      assert.partialDeepStrictEqual(fields, {
        ...{ source: '127.0.0.1', sourcePort: 5061 },
        ...{ destination: '192.0.2.1', destinationPort: 4000 },
      });
    }
  });

  it('who was turned away, with the hash of what was shown and none of its text', () => {
    connections.refused({
      direction: 'inbound',
      code: 'identity-unknown',
      peer: { address: '::ffff:192.0.2.9', port: 5 },
      balancer: BALANCER,
      listener: '192.0.2.5:5061',
      socket: pair.accepted,
    });
    const [record] = under.taken();
    assert.equal(record?.type, 'connection-refused');
    const { fields } = record;
    assert.deepEqual(
      [fields.source, fields.sourcePort, fields.balancer, fields.listener, fields.code],
      ['192.0.2.9', 5, '192.0.2.77', '192.0.2.5:5061', 'identity-unknown'],
    );
    assert.equal(own(fields.certificate), hash('sha256', certificate.raw, 'hex'));
    assert.equal(own(fields.publicKey), hash('sha256', key, 'hex'));
    assert.equal(fields.names, undefined);
    assert.equal(fields.tlsVersion, 'TLSv1.3');
  });

  it('a server of a partner that could not be reached, and one of whom nothing is known', () => {
    const peer = { address: '2001:db8::5', port: 5061 };
    connections.refused({ direction: 'outbound', code: 'connect', peer, partner: 'globex' });
    connections.refused({ direction: 'inbound', code: 'proxy-header', peer: { address: '' } });
    const [outbound, inbound] = under.taken();
    assert.deepEqual(outbound?.fields, {
      destination: '2001:db8::5',
      destinationPort: 5061,
      direction: 'outbound',
      partner: 'globex',
      code: 'connect',
    });
    assert.deepEqual(inbound?.fields, { direction: 'inbound', code: 'proxy-header' });
  });

  it('of a flood 200 a second have a record, and the others are counted', () => {
    const refuse = (code = 'source-rate') =>
      connections.refused({ direction: 'inbound', code, peer: { address: '192.0.2.1' } });
    for (let i = 0; i < 250; i++) refuse();
    assert.equal(under.taken().length, 200);
    wallMs += 1000;
    refuse();
    refuse('audit-full');
    assert.equal(under.taken().length, 1);
    under.stream.sweep();
    assert.deepEqual(
      under
        .taken()
        .filter(({ type }) => type === 'gap')
        .map(({ fields }) => [fields.code, fields.lostRecords]),
      [
        ['connections-refused', 50],
        ['refused-while-full', 1],
      ],
    );
  });

  it('of a flood of strangers takes nothing from partners, nor one from another', () => {
    const refuse = (times: number, partner?: string) => {
      const refused = { direction: 'inbound', code: 'channel-full', peer: {}, partner } as const;
      for (let at = 0; at < times; at++) connections.refused(refused);
    };
    refuse(250);
    refuse(220, 'globex');
    refuse(1, 'initech');
    assert.equal(under.taken().length, 401);
    under.stream.sweep();
    assert.deepEqual(
      under
        .taken()
        .filter(({ type }) => type === 'gap')
        .map(({ fields }) => [fields.lostRecords, fields.note]),
      [
        [50, undefined],
        [20, 'of globex'],
      ],
    );
  });

  it('which gateway came and went', () => {
    const { link } = recordedLink('gateway-1');
    connections.channelOpened(link);
    connections.channelClosed(link, 'silent');
    assert.deepEqual(
      under.taken().map(({ type, fields }) => [type, fields]),
      [
        [
          'channel-opened',
          {
            ...{ source: '198.51.100.4', sourcePort: 40_000, direction: 'inbound' },
            ...{ destination: '192.0.2.10', destinationPort: 7000 },
            ...{ tlsVersion: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: 'X25519MLKEM768' },
            certificate: new Uint8Array(32).fill(1),
            publicKey: new Uint8Array(32).fill(2),
            peerNode: 'gateway-1',
          },
        ],
        ['channel-closed', { durationMs: 999_000n, code: 'silent', peerNode: 'gateway-1' }],
      ],
    );
  });

  it('without audit there is none', () => {
    under.stream.close();
    under.taken();
    connections.opened(flow, pair.accepted);
    connections.closed(flow, 'x');
    connections.refused({ direction: 'inbound', code: 'x', peer: {} });
    connections.channelOpened(recordedLink('g').link);
    connections.channelClosed(recordedLink('g').link, 'x');
    assert.deepEqual(under.taken(), []);
  });

  //  as somebody wrote it      as it is on record
  const addresses: readonly (readonly [string | undefined, string])[] = [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['FE80::1%eth0', 'fe80::1'],
    ['', ''],
    [undefined, ''],
    ['edge.example', ''],
  ];
  for (const [text, expected] of addresses) {
    it(`the address ${text} is recorded as ${JSON.stringify(expected)}`, () => {
      assert.equal(addressOf(text), expected);
    });
  }
});
