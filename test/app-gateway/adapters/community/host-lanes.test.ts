import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { CommunityTraffic } from '@sallyport/app-gateway/adapters/community/community-connection.ts';
import { HostLanes, LANES_MAX } from '@sallyport/app-gateway/adapters/community/host-lanes.ts';
import { OutgoingText } from '@sallyport/app-gateway/domain/core/local-reply.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { fromInside, fromPartner, LIMITS } from '../../domain/core/core-stage.ts';
import { anchors, Bench, gateway, sipServer } from './community-bench.ts';
import { InnerServer, type Speaker } from './inner-server.ts';

const TEXT = new OutgoingText(fromPartner('MESSAGE'));

describe('the lanes to an inner host', { timeout: 10_000 }, () => {
  async function lanes() {
    const server = new InnerServer(sipServer);
    const port = await server.listen();
    const place = { host: '127.0.0.1', port, serverName: 'sip.inner.example', anchors };
    const host = {
      key: 'staff/host:1',
      community: 'staff',
      place: { ...place, identity: gateway },
      question: () => TEXT,
      isWorthDialling: true,
      share: { held: 0, bytes: 0 },
    };
    const traffic = { linkLost: () => undefined } as unknown as CommunityTraffic;
    const all = new HostLanes(host, traffic, new MessageIndex(LIMITS), () => undefined);
    return { all, server };
  }

  it('are one for each partner, and shared by as few as can be where there are more', async () => {
    const { all, server } = await lanes();
    const partners = Array.from({ length: LANES_MAX * 2 }, (_, at) => `partner-${at}`);
    const used = partners.map((partner) => all.send(partner, TEXT));
    const first = new Set(used.slice(0, LANES_MAX));
    assert.equal(first.size, LANES_MAX);
    assert.deepEqual(new Set(used.slice(LANES_MAX)), first);
    assert.deepEqual(
      partners.map((partner) => all.send(partner, TEXT)),
      used,
    );
    all.close();
    server.close();
  });

  it('carry nothing more once they are closed', async () => {
    const { all, server } = await lanes();
    assert.ok(all.send('globex', TEXT));
    all.close();
    assert.equal(all.send('globex', TEXT), undefined);
    assert.equal(all.send('initech', TEXT), undefined);
    server.close();
  });

  it('of one partner end without harm to another, whose answers come', async () => {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    const { link, main } = await bench.connected(server);
    bench.events.length = 0;
    const text = fromPartner('MESSAGE');
    const used = [];
    const speakers = [];
    for (const partner of ['globex', 'initech']) {
      used.push(bench.send(link, partner, text));
      const speaker = await server.accepted();
      await speaker.next();
      speakers.push(speaker);
    }
    const [poisoned, other] = speakers;
    poisoned?.socket.end();
    await bench.until(() => bench.heard.length === 1);
    assert.deepEqual(bench.events, ['lost 1 of globex: closed']);
    assert.equal(bench.send(link, 'initech', text), used[1]);
    assert.equal(await other?.next(), text);
    for (const speaker of [main, ...speakers]) speaker.socket.destroy();
    bench.pool.stop();
    server.close();
  });

  it('that end are left by those on whose requests nobody waits, and no other comes', async () => {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    const { link } = await bench.connected(server);
    const partners = Array.from({ length: LANES_MAX * 4 }, (_, at) => `partner-${at}`);
    const laneOf = (partner: string) => link.send(partner, TEXT);
    for (const partner of partners) laneOf(partner);
    const speakers: Speaker[] = [];
    while (speakers.length < LANES_MAX) speakers.push(await server.accepted());
    bench.events.length = 0;
    const lane = bench.send(link, 'partner-0', fromPartner('MESSAGE', { callId: 'poison' }));
    const others = partners.filter((partner) => laneOf(partner) === lane).slice(1);
    assert.equal(others.length, 3);
    const isPoisoned = ({ received }: Speaker) => received.some((text) => text.includes('poison'));
    while (!speakers.some(isPoisoned)) await setImmediate();
    speakers.find(isPoisoned)?.socket.end();
    await bench.until(() => bench.events.length > 0);
    assert.deepEqual(bench.events, ['lost 1 of partner-0: closed']);
    assert.equal(laneOf('partner-0'), lane);
    for (const partner of [...others, 'newcomer']) assert.notEqual(laneOf(partner), lane);
    bench.pool.stop();
    server.close();
  });

  it('count as one for what a server asks over them', async () => {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    const { link, main } = await bench.connected(server);
    link.send('globex', TEXT);
    link.send('initech', TEXT);
    for (const speaker of [main, await server.accepted(), await server.accepted()]) {
      speaker.send(fromInside('MESSAGE'));
    }
    await bench.until(() => bench.origins.length === 3);
    assert.equal(new Set(bench.origins).size, 3);
    assert.deepEqual(new Set(bench.origins.map(({ share }) => share)), new Set([link.share]));
    bench.pool.stop();
    server.close();
  });

  it('that a server has ended in peace are given to whoever comes next', async () => {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    const { link, main } = await bench.connected(server);
    const request = new OutgoingText(fromPartner('MESSAGE'));
    const used = link.send('globex', request);
    const speaker = await server.accepted();
    await speaker.next();
    speaker.socket.end();
    await speaker.until(() => speaker.isClosed);
    assert.equal(link.send('initech', request), used);
    assert.notEqual(link.send('globex', request), used);
    assert.deepEqual(bench.heard, []);
    bench.pool.stop();
    main.socket.destroy();
    server.close();
  });
});
