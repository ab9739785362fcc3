import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HELD_BYTES_MAX, LANE_DIALS } from '@sallyport/app-gateway/adapters/community/host-lane.ts';
import { OutgoingText } from '@sallyport/app-gateway/domain/core/local-reply.ts';
import { certificatesOfPem } from '@sallyport/shared/x509/pem-certificates.ts';
import { fromPartner, responseTo } from '../../domain/core/core-stage.ts';
import { Bench, PROBE, sipServer } from './community-bench.ts';
import { InnerServer, strangeAuthority } from './inner-server.ts';

const TEXT = fromPartner('MESSAGE');

describe('a lane to an inner host', { timeout: 10_000 }, () => {
  async function connected(probe = PROBE) {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    const port = await server.listen();
    const link = bench.link(port, { probe });
    bench.pool.replaceLinks([link]);
    const main = await server.accepted();
    await main.until(() => server.optionsSeen === 1);
    await bench.until(() => link.isUp);
    bench.events.length = 0;
    const end = () => {
      bench.pool.stop();
      main.socket.destroy();
      server.close();
    };
    return { bench, server, port, link, main, end };
  }

  it('says why where what the server sends cannot be read, and not that the server has closed it', async () => {
    const { bench, server, link, end } = await connected();
    bench.send(link, 'globex', TEXT);
    const lane = await server.accepted();
    await lane.next();
    lane.send('HTTP/1.1 200 OK\r\n\r\n');
    await bench.until(() => bench.heard.length === 1);
    assert.deepEqual(bench.events, ['lost 1 of globex: sip-start-line-malformed']);
    end();
  });

  it('is given up with a server that takes nothing', async () => {
    const { bench, server, link, end } = await connected();
    bench.send(link, 'globex', TEXT);
    const lane = await server.accepted();
    await lane.next();
    lane.socket.removeAllListeners('data').pause();
    const large = new OutgoingText(fromPartner('MESSAGE', { body: 'x'.repeat(60_000) }));
    while (link.send('globex', large));
    await bench.until(() => bench.heard.length === 1);
    assert.deepEqual(bench.events, ['lost 1 of globex: server-too-slow']);
    lane.socket.destroy();
    end();
  });

  it('is dialled for the first request, which others follow in order', async () => {
    const { bench, server, link, end } = await connected();
    const texts = ['one', 'two', 'three'].map((callId) => fromPartner('MESSAGE', { callId }));
    const used = texts.map((text) => bench.send(link, 'globex', text));
    assert.equal(new Set(used).size, 1);
    const lane = await server.accepted();
    for (const text of texts) assert.equal(await lane.next(), text);
    bench.send(link, 'globex', TEXT);
    assert.equal(await lane.next(), TEXT);
    assert.equal(server.speakers.length, 0, 'one connection for all of them');
    lane.socket.destroy();
    end();
  });

  it('tells of its end where requests wait on it, and is dialled for the next one at once', async () => {
    const { bench, server, link, end } = await connected();
    const used = bench.send(link, 'globex', TEXT);
    const lane = await server.accepted();
    await lane.next();
    lane.socket.end();
    await bench.until(() => bench.heard.length === 1);
    assert.deepEqual(bench.heard, [`lost ${link.key}`]);
    assert.deepEqual(bench.events, ['lost 1 of globex: closed']);
    assert.equal(link.isUp, true, 'the host is not blamed');
    assert.equal(bench.send(link, 'globex', TEXT), used);
    const again = await server.accepted();
    assert.equal(await again.next(), TEXT);
    again.socket.destroy();
    end();
  });

  it('is not dialled for one who makes the server hang up again and again, and others are', async () => {
    const { bench, server, link, end } = await connected();
    for (let dials = 0; dials < LANE_DIALS.atOnce; dials++) {
      assert.ok(bench.send(link, 'globex', TEXT));
      const lane = await server.accepted();
      await lane.next();
      lane.socket.end();
      await bench.until(() => bench.heard.length === dials + 1);
    }
    assert.equal(bench.send(link, 'globex', TEXT), undefined);
    assert.ok(bench.send(link, 'initech', TEXT));
    const other = await server.accepted();
    assert.equal(await other.next(), TEXT);
    other.socket.destroy();
    end();
  });

  it('holds so much and no more while it is dialled', async () => {
    const { server, link, end } = await connected();
    const half = new OutgoingText(fromPartner('MESSAGE', { body: 'x'.repeat(60_000) }));
    const fits = Math.floor(HELD_BYTES_MAX / half.byteLength());
    for (let count = 0; count < fits; count++) assert.ok(link.send('globex', half));
    assert.equal(link.send('globex', half), undefined);
    const lane = await server.accepted();
    await lane.until(() => lane.received.length === fits);
    assert.ok(link.send('globex', half), 'what was held has gone');
    lane.socket.destroy();
    end();
  });

  it('loses what it holds where the server is another than it should be', async () => {
    const { bench, server, port, link, end } = await connected();
    bench.send(link, 'globex', TEXT);
    link.renew(
      bench.options(port, { anchors: certificatesOfPem(strangeAuthority.certificatePem) }),
    );
    await bench.until(() => bench.heard.length === 1);
    assert.ok(bench.events.includes('lost 1 of globex: community-path-invalid'));
    for (const speaker of server.speakers) assert.deepEqual(speaker.received, []);
    end();
  });

  it('leaves a server that is no longer who it should be', async () => {
    const { bench, server, port, link, end } = await connected();
    bench.send(link, 'globex', TEXT);
    const lane = await server.accepted();
    await lane.next();
    link.renew(bench.options(port, { serverName: 'new.inner.example' }));
    await lane.until(() => lane.isClosed);
    await bench.until(() => bench.heard.length === 1);
    end();
  });

  it('is asked whether anybody is there where requests wait and nothing comes, and given up', async () => {
    const probe = { ...PROBE, intervalMs: 30, failuresToDown: 2 };
    const { bench, server, link, end } = await connected(probe);
    bench.send(link, 'globex', TEXT);
    const lane = await server.accepted();
    await lane.next();
    // As behind a firewall that has forgotten the connection: nothing arrives, nothing ends.
    let asked = 0;
    lane.socket.removeAllListeners('data').on('data', (bytes: Buffer) => {
      if (bytes.includes('OPTIONS ')) asked++;
    });
    await bench.until(() => bench.heard.length === 1);
    assert.deepEqual(bench.events, ['lost 1 of globex: no-answer']);
    assert.equal(asked, probe.failuresToDown);
    assert.equal(link.isUp, true);
    lane.socket.destroy();
    end();
  });

  it('is given up with a host that is silent altogether, and not dialled before that is back', async () => {
    const probe = { intervalMs: 100, timeoutMs: 50, failuresToDown: 5, successesToUp: 1 };
    const { bench, server, link, main, end } = await connected(probe);
    bench.send(link, 'globex', TEXT);
    const lane = await server.accepted();
    await lane.next();
    bench.send(link, 'initech', TEXT);
    const heard = await server.accepted();
    await heard.next();
    heard.socket.removeAllListeners('data').on('data', () => heard.send('\r\n'));
    server.optionsStatus = -1;
    await main.until(() => main.isClosed);
    await bench.until(() => bench.heard.length === 1);
    assert.deepEqual(bench.events.slice(0, 2), [
      'community-host-down no-answer',
      'lost 1 of globex: no-answer',
    ]);
    assert.equal(bench.send(link, 'globex', TEXT), undefined);
    assert.ok(bench.send(link, 'initech', TEXT), 'a connection that brings something is used');
    for (const { socket } of [lane, heard]) socket.destroy();
    end();
  });

  it('is kept where such a question is answered, whatever the answer says of the host', async () => {
    const probe = { ...PROBE, intervalMs: 30 };
    const { bench, server, link, end } = await connected(probe);
    bench.send(link, 'globex', TEXT);
    const lane = await server.accepted();
    const text = await lane.next();
    const asked = server.optionsSeen;
    await lane.until(() => server.optionsSeen > asked + 10);
    lane.send(responseTo(text, 200));
    await bench.until(() => bench.heard.length === 1);
    assert.deepEqual(bench.heard, ['staff 200']);
    assert.deepEqual(bench.events, []);
    lane.socket.destroy();
    end();
  });
});
