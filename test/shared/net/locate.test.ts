import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DnsAnswer, DnsQuestion } from '@sallyport/shared/net/dns-record.ts';
import {
  beginLocate,
  type LocateOptions,
  type LocateSubject,
  stepLocate,
} from '@sallyport/shared/net/locate.ts';
import { NetworkSet } from '@sallyport/shared/net/network.ts';

type Zone = Readonly<Record<string, DnsAnswer>>;

const BOTH: LocateOptions = {
  families: ['AAAA', 'A'],
  federationService: false,
  forbidden: new NetworkSet([]),
  randomUpTo: () => 0,
};
const IPV4: LocateOptions = { ...BOTH, families: ['A'] };
const FEDERATION: LocateOptions = { ...IPV4, federationService: true };

const FAILED: DnsAnswer = { kind: 'failed' };
const NOT_OFFERED: DnsAnswer = srv([0, 0, 0, '.']);
const HOST = addresses('192.0.2.1');

//  what, subject, options, zone, questions asked in turn, outcome
const rows: readonly (readonly [string, LocateSubject, LocateOptions, Zone, string, string])[] = [
  [
    'a numeric host needs no DNS',
    { scheme: 'sips', host: '192.0.2.9' },
    BOTH,
    {},
    '',
    '192.0.2.9 5061 192.0.2.9',
  ],
  [
    'a numeric host with a port',
    { scheme: 'sip', host: '[2001:DB8::9]', port: 5070 },
    BOTH,
    {},
    '',
    '2001:db8::9 5070 2001:db8::9',
  ],
  [
    'a port forbids NAPTR and SRV',
    { scheme: 'sips', host: 'X.example', port: 5070 },
    IPV4,
    { 'A x.example': HOST },
    'A x.example',
    '192.0.2.1 5070 x.example',
  ],
  [
    'a transport forbids NAPTR',
    { scheme: 'sip', host: 'x.example', transport: 'TLS' },
    IPV4,
    { 'SRV _sips._tcp.x.example': srv([1, 0, 5071, 'h.example']), 'A h.example': HOST },
    'SRV _sips._tcp.x.example; A h.example',
    '192.0.2.1 5071 x.example',
  ],
  [
    'transport tcp of a sips URI is TLS',
    { scheme: 'sips', host: 'x.example', port: 5061, transport: 'tcp' },
    IPV4,
    { 'A x.example': HOST },
    'A x.example',
    '192.0.2.1 5061 x.example',
  ],
  [
    'NAPTR, then the SRV name it gives; the name to verify is the one asked for',
    { scheme: 'sip', host: 'x.example' },
    IPV4,
    {
      'NAPTR x.example': naptr('SIPS+D2T', '_sips._tcp.hosting.example'),
      'SRV _sips._tcp.hosting.example': srv([1, 0, 5061, 'h.hosting.example']),
      'A h.hosting.example': HOST,
    },
    'NAPTR x.example; SRV _sips._tcp.hosting.example; A h.hosting.example',
    '192.0.2.1 5061 x.example',
  ],
  [
    'NAPTR without TLS: the plain services are not taken, SRV is asked directly',
    { scheme: 'sip', host: 'x.example' },
    IPV4,
    {
      'NAPTR x.example': naptr('SIP+D2T', '_sip._tcp.x.example'),
      'SRV _sips._tcp.x.example': srv([1, 0, 5061, 'h.example']),
      'A h.example': HOST,
    },
    'NAPTR x.example; SRV _sips._tcp.x.example; A h.example',
    '192.0.2.1 5061 x.example',
  ],
  [
    'a server that fails on NAPTR',
    { scheme: 'sip', host: 'x.example' },
    IPV4,
    { 'NAPTR x.example': FAILED, 'A x.example': HOST },
    'NAPTR x.example; SRV _sips._tcp.x.example; A x.example',
    '192.0.2.1 5061 x.example',
  ],
  [
    'neither NAPTR nor SRV: the host itself, IPv6 and IPv4 in turn',
    { scheme: 'sips', host: 'x.example' },
    BOTH,
    {
      'AAAA x.example': addresses('2001:db8::1', '2001:db8::2'),
      'A x.example': addresses('192.0.2.1', '192.0.2.2', '192.0.2.3'),
    },
    'NAPTR x.example; SRV _sips._tcp.x.example; AAAA x.example, A x.example',
    [
      '2001:db8::1 5061 x.example',
      '192.0.2.1 5061 x.example',
      '2001:db8::2 5061 x.example',
      '192.0.2.2 5061 x.example',
      '192.0.2.3 5061 x.example',
    ].join(', '),
  ],
  [
    'SRV by priority, one host under two ports asked once',
    { scheme: 'sips', host: 'x.example', transport: 'tls' },
    IPV4,
    {
      'SRV _sips._tcp.x.example': srv(
        [20, 0, 5062, 'a.example'],
        [10, 0, 5061, 'a.example'],
        [15, 0, 5061, 'b.example'],
      ),
      'A a.example': addresses('192.0.2.1'),
      'A b.example': addresses('192.0.2.2'),
    },
    'SRV _sips._tcp.x.example; A a.example, A b.example',
    '192.0.2.1 5061 x.example, 192.0.2.2 5061 x.example, 192.0.2.1 5062 x.example',
  ],
  [
    'an SRV host without an address is passed over',
    { scheme: 'sips', host: 'x.example', transport: 'tls' },
    IPV4,
    {
      'SRV _sips._tcp.x.example': srv([1, 0, 5061, 'gone.example'], [2, 0, 5061, 'h.example']),
      'A gone.example': FAILED,
      'A h.example': HOST,
    },
    'SRV _sips._tcp.x.example; A gone.example, A h.example',
    '192.0.2.1 5061 x.example',
  ],
  [
    'SRV target "." ends the search',
    { scheme: 'sips', host: 'x.example', transport: 'tls' },
    IPV4,
    { 'SRV _sips._tcp.x.example': NOT_OFFERED, 'A x.example': HOST },
    'SRV _sips._tcp.x.example',
    'not-offered',
  ],
  [
    'SRV records that lead nowhere do not fall back to the host',
    { scheme: 'sips', host: 'x.example', transport: 'tls' },
    IPV4,
    { 'SRV _sips._tcp.x.example': srv([1, 1, 0, 'h.example']), 'A x.example': HOST },
    'SRV _sips._tcp.x.example',
    'no-target',
  ],
  [
    'an SRV failure is not an absence',
    { scheme: 'sips', host: 'x.example', transport: 'tls' },
    IPV4,
    { 'SRV _sips._tcp.x.example': FAILED, 'A x.example': HOST },
    'SRV _sips._tcp.x.example',
    'dns-failed',
  ],
  [
    'the federation service comes after the standard one',
    { scheme: 'sip', host: 'x.example' },
    FEDERATION,
    {
      'SRV _sipfederationtls._tcp.x.example': srv([0, 0, 5061, 'sipfed.x.example']),
      'A sipfed.x.example': HOST,
    },
    'NAPTR x.example; SRV _sips._tcp.x.example; SRV _sipfederationtls._tcp.x.example; A sipfed.x.example',
    '192.0.2.1 5061 x.example',
  ],
  [
    'the federation service is not asked for when the standard one leads somewhere',
    { scheme: 'sip', host: 'x.example', transport: 'tls' },
    FEDERATION,
    { 'SRV _sips._tcp.x.example': srv([1, 0, 5061, 'h.example']), 'A h.example': HOST },
    'SRV _sips._tcp.x.example; A h.example',
    '192.0.2.1 5061 x.example',
  ],
  [
    'neither service: the host itself',
    { scheme: 'sip', host: 'x.example', transport: 'tls' },
    FEDERATION,
    { 'A x.example': HOST },
    'SRV _sips._tcp.x.example; SRV _sipfederationtls._tcp.x.example; A x.example',
    '192.0.2.1 5061 x.example',
  ],
  [
    'the standard one not offered and no federation service: the host is not tried',
    { scheme: 'sip', host: 'x.example', transport: 'tls' },
    FEDERATION,
    { 'SRV _sips._tcp.x.example': NOT_OFFERED, 'A x.example': HOST },
    'SRV _sips._tcp.x.example; SRV _sipfederationtls._tcp.x.example',
    'not-offered',
  ],
  [
    'no address at all',
    { scheme: 'sips', host: 'x.example', port: 5061 },
    BOTH,
    {},
    'AAAA x.example, A x.example',
    'no-target',
  ],
  [
    'one family failed, the other has nothing',
    { scheme: 'sips', host: 'x.example', port: 5061 },
    BOTH,
    { 'AAAA x.example': FAILED },
    'AAAA x.example, A x.example',
    'dns-failed',
  ],
  [
    'plain TCP',
    { scheme: 'sip', host: 'x.example', transport: 'tcp' },
    IPV4,
    {},
    '',
    'transport-unsupported',
  ],
  [
    'UDP',
    { scheme: 'sips', host: 'x.example', transport: 'udp' },
    IPV4,
    {},
    '',
    'transport-unsupported',
  ],
  ['a host that is no name', { scheme: 'sip', host: 'a b' }, IPV4, {}, '', 'host-malformed'],
];

describe('locating SIP servers (RFC 3263 §4)', () => {
  for (const [what, subject, options, zone, questions, outcome] of rows) {
    it(what, () => assert.deepEqual(run(subject, options, zone), { questions, outcome }));
  }

  it('addresses that are nobody, or forbidden, are left out however they are spelled', () => {
    const forbidden = NetworkSet.parse(['10.0.0.0/8', 'fd00::/8']);
    assert.ok(forbidden.ok);
    const options = { ...BOTH, forbidden: forbidden.value };
    const zone: Zone = {
      'AAAA x.example': addresses('::', 'ff02::1', '::ffff:10.0.0.1', 'fd00::1', 'nonsense'),
      'A x.example': addresses('0.0.0.0', '10.1.2.3', '224.0.0.1', '255.255.255.255'),
    };
    const subject = { scheme: 'sips', host: 'x.example', port: 5061 } as const;
    assert.equal(run(subject, options, zone).outcome, 'no-target');
    for (const host of ['10.0.0.1', '[::ffff:10.0.0.1]', '[::]', '0.0.0.0']) {
      assert.equal(run({ scheme: 'sips', host }, options, {}).outcome, 'no-target');
    }
  });

  it('hosts, addresses and targets are bounded', () => {
    const many = Array.from({ length: 30 }, (_, i) => i);
    const zone: Record<string, DnsAnswer> = {
      'SRV _sips._tcp.x.example': srv(...many.map((i) => [i, 0, 5061, `h${i}.example`] as const)),
    };
    for (const i of many) {
      zone[`A h${i}.example`] = addresses(...many.map((j) => `192.0.${i}.${j}`));
    }
    const subject = { scheme: 'sips', host: 'x.example', transport: 'tls' } as const;
    const { questions, outcome } = run(subject, IPV4, zone);
    assert.equal(questions.split(',').length, 8);
    assert.equal(outcome.split(',').length, 16);
    assert.match(outcome, /192\.0\.0\.7 .*192\.0\.1\.7 /);
    assert.doesNotMatch(outcome, /192\.0\.0\.8 /);
  });
});

/** Drives the machine against a zone; what the zone does not hold is absent. */
function run(subject: LocateSubject, options: LocateOptions, zone: Zone) {
  const asked: string[] = [];
  const text = ({ type, name }: DnsQuestion) => `${type} ${name}`;
  let turn = beginLocate(subject, options);
  while (turn.kind === 'ask') {
    asked.push(turn.questions.map(text).join(', '));
    const answers = turn.questions.map((q): DnsAnswer => zone[text(q)] ?? { kind: 'none' });
    turn = stepLocate(turn.state, answers, options);
  }
  const outcome =
    turn.kind === 'failed'
      ? turn.reason
      : turn.targets.map((t) => `${t.address} ${t.port} ${t.serverName}`).join(', ');
  return { questions: asked.join('; '), outcome };
}

function srv(...records: (readonly [number, number, number, string])[]): DnsAnswer {
  return {
    kind: 'srv',
    records: records.map(([priority, weight, port, target]) => ({
      priority,
      weight,
      port,
      target,
    })),
  };
}

function naptr(service: string, replacement: string): DnsAnswer {
  const record = { order: 1, preference: 1, flags: 's', service, regexp: '', replacement };
  return { kind: 'naptr', records: [record] };
}

function addresses(...list: string[]): DnsAnswer {
  return { kind: 'addresses', addresses: list };
}
