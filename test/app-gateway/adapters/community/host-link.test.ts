import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import type { HostLinkOptions } from '@sallyport/app-gateway/adapters/community/host-link.ts';
import { OutgoingText } from '@sallyport/app-gateway/domain/core/local-reply.ts';
import { RETRY_DELAY_MS_MAX } from '@sallyport/shared/channel/back-off.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { checkRequest } from '@sallyport/shared/sip/syntax-check.ts';
import { certificatesOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import { fromInside, fromPartner, LIMITS, responseTo } from '../../domain/core/core-stage.ts';
import { anchors, Bench, gateway, PROBE, showed, sipServer } from './community-bench.ts';
import {
  InnerServer,
  innerAuthority,
  type Shown,
  shownBy,
  strangeAuthority,
} from './inner-server.ts';

const TIMEOUT = { timeout: 10_000 };

describe('the link to an inner host', TIMEOUT, () => {
  async function connected() {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    const port = await server.listen();
    const link = bench.link(port);
    bench.pool.replaceLinks([link]);
    const speaker = await server.accepted();
    await bench.until(() => bench.events.length > 0);
    const end = () => {
      bench.pool.stop();
      speaker.socket.destroy();
      server.close();
    };
    return { bench, server, link, speaker, port, end };
  }

  it('carries requests, and responses and requests back', async () => {
    const { bench, server, link, speaker, end } = await connected();
    assert.deepEqual(bench.events, ['community-host-connected']);
    assert.equal(link.isUp, true);
    assert.deepEqual(bench.pool.hosts('staff', undefined, 'c'), [link.key]);
    assert.deepEqual(bench.pool.hosts('others', undefined, 'c'), []);
    const text = fromPartner('MESSAGE', { body: 'hello' });
    const used = bench.pool.send(link.key, 'globex', new OutgoingText(text));
    assert.equal(used?.remote, link.key);
    assert.equal(used?.peer, 'staff');
    const lane = await server.accepted();
    assert.equal(await lane.next(), text);
    lane.send(responseTo(text, 200) + fromInside('MESSAGE'));
    await bench.until(() => bench.heard.length === 2);
    speaker.send(responseTo(text, 200) + fromInside('MESSAGE'));
    await bench.until(() => bench.heard.length === 4);
    const [response, request] = ['staff 200', 'staff MESSAGE'];
    assert.deepEqual(bench.heard, [response, request, response, request]);
    lane.socket.destroy();
    end();
  });

  it('answers keep-alives (RFC 5626 §4.4.1)', async () => {
    const { server, speaker, end } = await connected();
    await speaker.until(() => server.optionsSeen === 1);
    const pong = once(speaker.socket, 'data');
    speaker.send('\r\n\r\n');
    assert.equal(String((await pong)[0]), '\r\n');
    end();
  });

  it('writes IPv6 addresses in brackets, and knows them so (RFC 3261 §25.1)', async (t) => {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    bench.pool.replaceLinks([bench.link(await server.listen(), { innerHost: '2001:db8::5' })]);
    const speaker = await server.accepted();
    t.after(() => {
      bench.pool.stop();
      speaker.socket.destroy();
      server.close();
    });
    await speaker.until(() => server.optionsSeen === 1);
    const probe = Buffer.from(server.optionsText, 'latin1');
    const index = new MessageIndex(LIMITS);
    index.scan(probe, 0, probe.length);
    assert.equal(checkRequest(index), undefined);
    assert.match(server.optionsText, /\r\nVia: SIP\/2\.0\/TLS \[2001:db8::5\]:5061;/);
    const link = bench.link(5061, { host: '2001:db8::1' });
    assert.equal(link.matches('[2001:db8::1]:5061'), true);
    assert.equal(link.matches('[2001:db8::2]:5061'), false);
  });

  it('is not up without its connection; what can go nowhere else may wait for the first try to have another', async () => {
    const { bench, server, link, speaker, end } = await connected();
    await speaker.until(() => server.optionsSeen === 1);
    server.close();
    speaker.socket.destroy();
    await bench.until(() => bench.events.length === 2);
    assert.equal(bench.events[1], 'community-host-lost closed');
    assert.equal(link.isUp, false);
    assert.deepEqual(bench.pool.hosts('staff', undefined, 'c'), [link.key]);
    await bench.until(() => bench.events.length === 3);
    assert.equal(bench.events[2], 'community-host-unreachable ECONNREFUSED');
    assert.deepEqual(bench.pool.hosts('staff', undefined, 'c'), []);
    end();
  });

  it('does not count on a host that proved nothing before it hung up', async () => {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    server.optionsStatus = -1;
    const link = bench.link(await server.listen());
    bench.pool.replaceLinks([link]);
    (await server.accepted()).socket.destroy();
    await bench.until(() => bench.events.length === 2);
    assert.deepEqual(bench.pool.hosts('staff', undefined, 'c'), []);
    bench.pool.stop();
    server.close();
  });

  it('cuts off a host whose stream cannot be followed', async () => {
    const { bench, speaker, end } = await connected();
    speaker.send('MESSAGE sip:a@b SIP/2.0\r\nContent-Length: x\r\n\r\n');
    await bench.until(() => bench.events.length === 2);
    assert.equal(bench.events[1], 'community-host-lost sip-content-length-malformed');
    end();
  });

  it('is down while the host answers 503 or nothing, and up again when it recovers', async () => {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    server.optionsStatus = 503;
    const link = bench.link(await server.listen(), {
      probe: { ...PROBE, intervalMs: 50 },
    });
    bench.pool.replaceLinks([link]);
    await bench.until(() => bench.events.length === 2);
    assert.equal(bench.events[1], 'community-host-down status-503');
    assert.equal(link.isUp, false);
    server.optionsStatus = 404;
    await bench.until(() => bench.events.length === 3);
    assert.equal(bench.events[2], 'community-host-up status-404');
    bench.pool.stop();
    server.close();
  });

  it('dials anew where answers stop coming, and waits for one before it is up', async () => {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    const port = await server.listen();
    const probe = { intervalMs: 20, timeoutMs: 20, failuresToDown: 2, successesToUp: 1 };
    const link = bench.link(port, { probe });
    bench.pool.replaceLinks([link]);
    const first = await server.accepted();
    await bench.until(() => link.isUp);
    // As behind a firewall that has forgotten the connection: nothing arrives, nothing ends.
    first.socket.removeAllListeners('data').pause();
    server.optionsStatus = 503;
    await bench.until(() => bench.events.length === 4);
    assert.deepEqual(bench.events, [
      'community-host-connected',
      'community-host-down no-answer',
      'community-host-lost no-answer',
      'community-host-connected',
    ]);
    assert.equal(link.isUp, false);
    server.optionsStatus = 200;
    await bench.until(() => bench.events.length === 5);
    assert.equal(bench.events[4], 'community-host-up status-200');
    assert.equal(link.isUp, true);
    bench.pool.stop();
    server.close();
  });

  it('says once that a host takes connections and never answers, dials it later each time, and says when it does', async () => {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    server.optionsStatus = -1;
    const probe = { intervalMs: 10, timeoutMs: 10, failuresToDown: 1, successesToUp: 1 };
    const link = bench.link(await server.listen(), { probe });
    bench.pool.replaceLinks([link]);
    // Without chance a dial waits for nothing until its ceiling stands at its cap: then for half of that.
    for (let dials = 1; dials <= 6; dials++) {
      const speaker = await server.accepted();
      await speaker.until(() => speaker.isClosed);
    }
    const closedAt = performance.now();
    await server.accepted();
    assert.ok(performance.now() - closedAt >= RETRY_DELAY_MS_MAX / 2 - 50);
    assert.deepEqual(bench.events, [
      'community-host-connected',
      'community-host-down no-answer',
      'community-host-lost no-answer',
      'community-host-connected',
    ]);
    server.optionsStatus = 200;
    await bench.until(() => bench.events.length === 5);
    assert.equal(bench.events[4], 'community-host-up status-200');
    bench.pool.stop();
    server.close();
  });

  it('says it again where such a host begins to end connections by itself', async () => {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    server.optionsStatus = -1;
    const probe = { intervalMs: 10, timeoutMs: 10, failuresToDown: 1, successesToUp: 1 };
    const port = await server.listen();
    const link = bench.link(port, { probe });
    bench.pool.replaceLinks([link]);
    for (let dials = 1; dials <= 3; dials++) {
      const speaker = await server.accepted();
      await speaker.until(() => speaker.isClosed);
    }
    assert.equal(bench.events.length, 4);
    link.renew(bench.options(port, { probe: PROBE }));
    (await server.accepted()).socket.destroy();
    await bench.until(() => bench.events.length === 5);
    assert.match(bench.events[4] ?? '', /^community-host-lost (?!no-answer)/);
    bench.pool.stop();
    server.close();
  });

  it('keeps a connection that brings other things than answers', async () => {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    const probe = { intervalMs: 20, timeoutMs: 20, failuresToDown: 2, successesToUp: 1 };
    const link = bench.link(await server.listen(), { probe });
    bench.pool.replaceLinks([link]);
    const { socket } = await server.accepted();
    await bench.until(() => link.isUp);
    await new Promise<void>((resolve) => {
      let probes = 0;
      socket.removeAllListeners('data').on('data', () => {
        socket.write('\r\n');
        probes++;
        if (probes === 4 * probe.failuresToDown) resolve();
      });
    });
    assert.deepEqual(bench.events, ['community-host-connected', 'community-host-down no-answer']);
    assert.equal(link.connection?.isOpen, true);
    bench.pool.stop();
    server.close();
  });

  const strangers: readonly (readonly [string, () => Promise<Shown>, string])[] = [
    [
      'another authority',
      () => shownBy(strangeAuthority, 'sip.inner.example'),
      'community-path-invalid',
    ],
    ['another name', () => shownBy(innerAuthority, 'other.inner.example'), 'community-name-wrong'],
    ['a wildcard', () => shownBy(innerAuthority, '*.inner.example'), 'community-name-wrong'],
  ];
  it('is told of once for each reason why there is no connection', async () => {
    const bench = new Bench();
    let dials = 0;
    const server = createServer((socket) => {
      dials++;
      socket.destroy();
      if (dials === 4) server.close();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    bench.pool.replaceLinks([bench.link(port)]);
    await bench.until(() => bench.events.at(-1) === 'community-host-unreachable ECONNREFUSED');
    assert.ok(dials >= 4);
    assert.equal(new Set(bench.events).size, bench.events.length);
    assert.deepEqual(bench.pool.gauges, { community_hosts: 1, community_hosts_down: 1 });
    bench.pool.stop();
  });

  for (const [name, shown, reason] of strangers) {
    it(`is refused to a host with a certificate of ${name}`, async () => {
      const bench = new Bench();
      const server = new InnerServer(await shown());
      bench.pool.replaceLinks([bench.link(await server.listen())]);
      await bench.until(() => bench.events.length === 1);
      assert.deepEqual(bench.events, [`community-host-unreachable ${reason}`]);
      assert.deepEqual(bench.pool.hosts('staff', undefined, 'c'), []);
      bench.pool.stop();
      server.close();
    });
  }

  it('makes no connection after it was stopped in the middle of a dial', async () => {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    const port = await server.listen();
    const [first, second] = [bench.link(port), bench.link(port)];
    bench.pool.replaceLinks([first]);
    bench.pool.replaceLinks([second]);
    await bench.until(() => second.isUp);
    assert.equal(first.isUp, false);
    assert.deepEqual(bench.events, ['community-host-connected']);
    bench.pool.stop();
    server.close();
  });
});

describe('a link with new settings', TIMEOUT, () => {
  async function connected() {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    const port = await server.listen();
    const link = bench.link(port);
    bench.pool.replaceLinks([link]);
    const speaker = await server.accepted();
    await bench.until(() => link.isUp);
    const end = () => {
      bench.pool.stop();
      server.close();
    };
    return { bench, server, link, speaker, port, end };
  }

  it('keeps its connection, and shows the new certificate on the next one', async () => {
    const { bench, server, link, speaker, port, end } = await connected();
    const renewed = await shownBy(innerAuthority, 'gateway.inner.example');
    link.renew(bench.options(port, { identity: renewed }));
    assert.equal(link.isUp, true);
    assert.deepEqual(bench.events, ['community-host-connected']);
    speaker.socket.destroy();
    const again = await server.accepted();
    assert.equal(showed(speaker, gateway), true);
    assert.equal(showed(again, renewed), true);
    again.socket.destroy();
    end();
  });

  it('keeps its connection with another authority beside the old', async () => {
    const { bench, link, speaker, port, end } = await connected();
    const both = [...certificatesOfPem(strangeAuthority.certificatePem), ...anchors];
    link.renew(bench.options(port, { anchors: both }));
    assert.equal(link.isUp, true);
    assert.deepEqual(bench.events, ['community-host-connected']);
    speaker.socket.destroy();
    end();
  });

  const ending: readonly (readonly [string, Partial<HostLinkOptions>, string])[] = [
    [
      'another authority instead',
      { anchors: certificatesOfPem(strangeAuthority.certificatePem) },
      'community-path-invalid',
    ],
    ['a name that it does not show', { serverName: 'new.inner.example' }, 'community-name-wrong'],
  ];
  for (const [name, change, reason] of ending) {
    it(`ends its connection with ${name}`, async () => {
      const { bench, link, speaker, port, end } = await connected();
      link.renew(bench.options(port, change));
      await speaker.until(() => speaker.isClosed);
      await bench.until(() => bench.events.length > 1);
      assert.equal(bench.events[1], `community-host-lost ${reason}`);
      assert.equal(link.isUp, false);
      end();
    });
  }

  it('asks at the new interval', async () => {
    const { bench, server, link, speaker, port, end } = await connected();
    const seen = server.optionsSeen;
    link.renew(bench.options(port, { probe: { ...PROBE, intervalMs: 20 } }));
    await speaker.until(() => server.optionsSeen > seen + 1);
    speaker.socket.destroy();
    end();
  });
});
