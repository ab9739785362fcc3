import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  DnsResolver,
  type DnsResolverOptions,
  type LocatePolicy,
} from '@sallyport/dmz-proxy/dns/resolver.ts';
import type { DnsAnswer, DnsQuestion } from '@sallyport/shared/net/dns-record.ts';
import { NetworkSet } from '@sallyport/shared/net/network.ts';
import { DnsServer } from '../../dns-server.ts';

const POLICY: LocatePolicy = {
  families: ['AAAA', 'A'],
  federationService: true,
  forbidden: new NetworkSet([]),
};

const sipHost = { type: 'A', address: '192.0.2.7', ttl: 20 } as const;

describe('DNS resolver against a server', { timeout: 30_000 }, () => {
  let server: DnsServer;
  let second: DnsServer;
  before(async () => {
    second = await DnsServer.open({ 'v4.example': [{ type: 'A', address: '192.0.2.99' }] });
    server = await DnsServer.open({
      'v4.example': [
        { type: 'A', address: '192.0.2.1', ttl: 30 },
        { type: 'A', address: '192.0.2.2', ttl: 10 },
      ],
      'v6.example': [{ type: 'AAAA', address: '2001:db8::1' }],
      'many.example': Array.from({ length: 40 }, (_, at) => ({
        type: 'A' as const,
        address: `192.0.2.${at}`,
      })),
      'zero.example': [{ type: 'A', address: '192.0.2.3', ttl: 0 }],
      'alias.example': [{ type: 'CNAME', target: 'v4.example' }],
      'broken.example': 'servfail',
      'silent.example': 'silent',
      '_sips._tcp.v4.example': [
        { type: 'SRV', priority: 1, weight: 5, port: 5061, target: 'sip.example' },
      ],
      '_sips._tcp.no.example': [{ type: 'SRV', priority: 0, weight: 0, port: 0, target: '.' }],
      'full.example': [
        {
          type: 'NAPTR',
          order: 1,
          preference: 1,
          flags: 's',
          service: 'SIPS+D2T',
          replacement: '_sips._tcp.v4.example',
        },
      ],
      '_sipfederationtls._tcp.lync.example': [
        { type: 'SRV', priority: 0, weight: 0, port: 5061, target: 'sip.example' },
      ],
      'sip.example': [sipHost, { type: 'AAAA', address: '2001:db8::7' }],
    });
  });
  after(async () => {
    await server.close();
    await second.close();
  });

  const failures: string[] = [];
  const clock = { nowMs: 0 };

  function use(resolver: DnsResolver, { address }: DnsServer): void {
    const askThem = resolver.prepare([address]);
    assert.ok(askThem.ok);
    askThem.value();
  }

  function open(options: Partial<DnsResolverOptions> = {}): DnsResolver {
    const resolver = new DnsResolver({
      timeoutMs: 250,
      tries: 1,
      locateTimeoutMs: 5000,
      cacheMax: { entries: 100, bytes: 1_048_576 },
      pendingMax: 50,
      nowMs: () => clock.nowMs,
      failed: (code) => failures.push(code),
      ...options,
    });
    use(resolver, server);
    server.asked.length = 0;
    failures.length = 0;
    return resolver;
  }

  const question = (text: string): DnsQuestion => {
    const [type, name = ''] = text.split(' ');
    return { type: type as DnsQuestion['type'], name };
  };

  //  question                        answer
  const rows: readonly (readonly [string, DnsAnswer])[] = [
    ['A v4.example', { kind: 'addresses', addresses: ['192.0.2.1', '192.0.2.2'] }],
    ['AAAA v6.example', { kind: 'addresses', addresses: ['2001:db8::1'] }],
    ['AAAA v4.example', { kind: 'none' }],
    ['A unknown.example', { kind: 'none' }],
    ['A broken.example', { kind: 'failed' }],
    [
      'SRV _sips._tcp.v4.example',
      { kind: 'srv', records: [srv({ priority: 1, weight: 5, target: 'sip.example' })] },
    ],
  ];
  for (const [text, answer] of rows) {
    it(`${text} -> ${answer.kind}`, async () => {
      const answered = await open().ask(question(text), 'globex');
      const srvRecords = answered.kind === 'srv' ? answered.records.map(srv) : undefined;
      assert.deepEqual(srvRecords ? { kind: 'srv', records: srvRecords } : answered, answer);
    });
  }

  it('of an answer no more than 32 records are kept', async () => {
    const answer = await open().ask(question('A many.example'), 'globex');
    assert.ok(answer.kind === 'addresses');
    assert.equal(answer.addresses.length, 32);
  });

  it('a server that does not answer is a failure, and its code is reported', async () => {
    const resolver = open();
    assert.deepEqual(await resolver.ask(question('A silent.example'), 'globex'), {
      kind: 'failed',
    });
    assert.deepEqual(failures, ['ETIMEOUT']);
  });

  it('addresses are remembered for the shortest TTL, absence and failure for a while', async () => {
    const resolver = open();
    const ask = async (text: string, atMs: number) => {
      clock.nowMs = atMs;
      await resolver.ask(question(text), 'globex');
      return server.asked.length;
    };
    assert.equal(await ask('A v4.example', 0), 1);
    assert.equal(await ask('A v4.example', 9999), 1);
    assert.equal(await ask('A v4.example', 10_000), 2);
    assert.equal(await ask('A unknown.example', 10_000), 3);
    assert.equal(await ask('A unknown.example', 39_999), 3);
    assert.equal(await ask('A zero.example', 39_999), 4);
    assert.equal(await ask('A zero.example', 39_999), 5);
    clock.nowMs = 0;
  });

  it('equal questions at once share one query; different ones are bounded', async () => {
    const resolver = open({ pendingMax: 2 });
    server.hold();
    const first = resolver.ask(question('A v4.example'), 'globex');
    const same = resolver.ask(question('A v4.example'), 'globex');
    const other = resolver.ask(question('A sip.example'), 'globex');
    assert.deepEqual(await resolver.ask(question('AAAA sip.example'), 'globex'), {
      kind: 'failed',
    });
    assert.deepEqual(failures, ['pending-max']);
    server.release();
    assert.deepEqual(await first, await same);
    await other;
    assert.deepEqual(server.asked.toSorted(), ['A sip.example', 'A v4.example']);
  });

  it('whoever asks for names that nobody answers leaves some of the questions at once to others', async () => {
    const resolver = open({ pendingMax: 8 });
    server.hold();
    const asked = Array.from({ length: 50 }, (_, at) =>
      resolver.ask(question(`A v${at}.hostile.example`), 'hostile'),
    );
    const other = resolver.ask(question('A v4.example'), 'globex');
    assert.deepEqual(
      failures,
      Array.from({ length: 43 }, () => 'pending-max'),
    );
    server.release();
    assert.equal((await other).kind, 'addresses');
    await Promise.all(asked);
    failures.length = 0;
    assert.equal((await resolver.ask(question('A v4.example'), 'hostile')).kind, 'addresses');
    assert.deepEqual(failures, []);
  });

  it('locates by NAPTR, SRV and both families', async () => {
    const found = await open().locate({ scheme: 'sip', host: 'full.example' }, POLICY, 'globex');
    assert.deepEqual(found, {
      ok: true,
      value: [
        { address: '2001:db8::7', port: 5061, serverName: 'full.example' },
        { address: '192.0.2.7', port: 5061, serverName: 'full.example' },
      ],
    });
  });

  it('locates a partner that publishes the federation service only', async () => {
    const found = await open().locate({ scheme: 'sip', host: 'lync.example' }, POLICY, 'globex');
    assert.equal(found.ok && found.value[1]?.address, '192.0.2.7');
    assert.deepEqual(server.asked.slice(0, 3), [
      'NAPTR lync.example',
      'SRV _sips._tcp.lync.example',
      'SRV _sipfederationtls._tcp.lync.example',
    ]);
  });

  it('follows an alias', async () => {
    const policy = { ...POLICY, families: ['A'] } as const;
    server.set('alias.example', [{ type: 'CNAME', target: 'v4.example' }, sipHost]);
    const found = await open().locate(
      { scheme: 'sips', host: 'alias.example', port: 5061 },
      policy,
      'globex',
    );
    assert.equal(found.ok && found.value[0]?.serverName, 'alias.example');
  });

  it('a target of "." is told apart from an absence', async () => {
    const resolver = open();
    const subject = { scheme: 'sips', transport: 'tls' } as const;
    assert.deepEqual(await resolver.locate({ ...subject, host: 'no.example' }, POLICY, 'globex'), {
      ok: false,
      error: 'not-offered',
    });
    assert.deepEqual(
      await resolver.locate({ ...subject, host: 'unknown.example' }, POLICY, 'globex'),
      {
        ok: false,
        error: 'no-target',
      },
    );
  });

  it('a search ends in time though the servers do not answer', async () => {
    const resolver = open({ locateTimeoutMs: 20, timeoutMs: 60_000 });
    const found = await resolver.locate(
      { scheme: 'sip', host: 'silent.example' },
      POLICY,
      'globex',
    );
    assert.deepEqual(found, { ok: false, error: 'dns-failed' });
    resolver.close();
    assert.deepEqual(await resolver.ask(question('A v4.example'), 'globex'), { kind: 'failed' });
    assert.deepEqual(server.asked, ['NAPTR silent.example']);
  });

  it('new name servers hold at once and what the old said is forgotten', async () => {
    const resolver = open();
    await resolver.ask(question('A v4.example'), 'globex');
    assert.ok(resolver.prepare([second.address]).ok);
    assert.deepEqual(resolver.prepare(['nonsense']), {
      ok: false,
      error: 'nameserver-malformed',
    });
    await resolver.ask(question('A v4.example'), 'globex');
    assert.deepEqual(server.asked, ['A v4.example'], 'nobody else before that is wanted');
    use(resolver, second);
    assert.deepEqual(await resolver.ask(question('A v4.example'), 'globex'), {
      kind: 'addresses',
      addresses: ['192.0.2.99'],
    });
  });

  it('works under the permission model with the network alone, and fails as a value without', async () => {
    assert.equal(await locateUnderPermissions(server.address, ['--allow-net']), 'found 192.0.2.1');
    assert.equal(await locateUnderPermissions(server.address, []), 'failed ERR_ACCESS_DENIED');
  });
});

function srv(record: { priority: number; weight: number; target: string; port?: number }) {
  return {
    priority: record.priority,
    weight: record.weight,
    port: record.port ?? 5061,
    target: record.target,
  };
}

async function locateUnderPermissions(nameserver: string, flags: string[]): Promise<string> {
  const program = fileURLToPath(new URL('resolve-once.ts', import.meta.url));
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const readable = `--allow-fs-read=${root}*`;
  const child = spawn(
    process.execPath,
    [
      '--permission',
      '--disable-warning=ExperimentalWarning',
      readable,
      ...flags,
      program,
      nameserver,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], timeout: 20_000 },
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await once(child, 'close');
  return output.trim();
}
