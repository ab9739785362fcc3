import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { OutgoingText } from '@sallyport/app-gateway/domain/core/local-reply.ts';
import { freePort } from '../../../peers/support/free-port.ts';
import { fromInside, responseTo } from '../../domain/core/core-stage.ts';
import { anchors, Bench, gateway, SETTINGS, showed, sipServer } from './community-bench.ts';
import {
  dialled,
  InnerServer,
  innerAuthority,
  type Shown,
  shownBy,
  strangeAuthority,
} from './inner-server.ts';

const TIMEOUT = { timeout: 10_000 };

describe('connections that inner servers open', TIMEOUT, () => {
  it('are of the community whose certificate they show', async () => {
    const bench = new Bench();
    const listener = await bench.listener();
    const speaker = await dialled(listener.port, sipServer);
    speaker.send(fromInside('MESSAGE'));
    await bench.until(() => bench.heard.length === 1);
    assert.deepEqual(bench.heard, ['staff MESSAGE']);
    listener.close();
    await speaker.until(() => speaker.isClosed);
  });

  const strangers: readonly (readonly [string, () => Promise<Shown | undefined>, string])[] = [
    ['no certificate', async () => undefined, 'community-no-certificate'],
    [
      'another authority',
      () => shownBy(strangeAuthority, 'sip.inner.example'),
      'community-path-invalid',
    ],
    [
      'a name of no host',
      () => shownBy(innerAuthority, 'phone.inner.example'),
      'community-name-wrong',
    ],
  ];
  for (const [name, shown, reason] of strangers) {
    it(`are cut off with ${name}`, async () => {
      const bench = new Bench();
      const listener = await bench.listener();
      const speaker = await dialled(listener.port, await shown());
      speaker.send(fromInside('MESSAGE'));
      await speaker.until(() => speaker.isClosed);
      await bench.until(() => bench.events.length === 1);
      assert.deepEqual(bench.events, [reason]);
      assert.deepEqual(bench.heard, []);
      listener.close();
    });
  }

  it('that are gone leave their answers to the link with the same server (RFC 3261 §18.2.2)', async () => {
    const bench = new Bench();
    const server = new InnerServer(sipServer);
    const { main } = await bench.connected(server);
    const listener = await bench.listener();
    const speaker = await dialled(listener.port, sipServer);
    speaker.send(fromInside('MESSAGE'));
    await bench.until(() => bench.origins.length === 1);
    speaker.socket.destroy();
    while (bench.origins[0]?.isOpen) await setImmediate();
    const answer = responseTo(fromInside('MESSAGE'), 200);
    assert.equal(bench.origins[0]?.respond(0, true, new OutgoingText(answer)), true);
    assert.equal(await main.next(), answer);
    bench.pool.stop();
    main.socket.destroy();
    listener.close();
    server.close();
  });

  for (const [text, reason] of [
    [
      fromInside('MESSAGE').replace(/Content-Length: \d+/, 'Content-Length: many'),
      'sip-content-length-malformed',
    ],
    [
      fromInside('MESSAGE').replace(/Content-Length: \d+/, 'Content-Length: 70000'),
      'sip-body-too-large',
    ],
    ['no such line\r\n\r\n', 'sip-start-line-malformed'],
  ] as const) {
    it(`are told of where we end them: ${reason}`, async () => {
      const bench = new Bench();
      const listener = await bench.listener();
      const speaker = await dialled(listener.port, sipServer);
      speaker.send(text);
      await speaker.until(() => speaker.isClosed);
      await bench.until(() => bench.events.length === 1);
      assert.deepEqual(bench.events, [`staff at 127.0.0.1 lost: ${reason}`]);
      listener.close();
    });
  }

  it('are not told of where their server ends them', async () => {
    const bench = new Bench();
    const listener = await bench.listener();
    const speaker = await dialled(listener.port, sipServer);
    speaker.send(fromInside('MESSAGE'));
    await bench.until(() => bench.origins.length === 1);
    speaker.socket.end();
    while (bench.origins[0]?.isOpen) await setImmediate();
    assert.deepEqual(bench.events, []);
    listener.close();
  });

  it('carry answers while no new ones are taken', async () => {
    const bench = new Bench();
    const listener = await bench.listener();
    const port = listener.port;
    const speaker = await dialled(port, sipServer);
    speaker.send(fromInside('MESSAGE'));
    await bench.until(() => bench.heard.length === 1);
    listener.stopListening();
    await assert.rejects(dialled(port, sipServer));
    speaker.send(fromInside('MESSAGE'));
    await bench.until(() => bench.heard.length === 2);
    listener.close();
    await speaker.until(() => speaker.isClosed);
  });

  it('meet new settings; those there are stay', async () => {
    const bench = new Bench();
    const listener = await bench.listener();
    const oldPort = listener.port;
    const early = await dialled(oldPort, sipServer);
    early.send(fromInside('MESSAGE'));
    await bench.until(() => bench.heard.length === 1);
    const identity = await shownBy(innerAuthority, 'gateway.inner.example');
    (await listener.prepare({ ...SETTINGS, identity })).take();
    const renewed = await dialled(oldPort, sipServer);
    assert.equal(showed(renewed, identity), true);
    renewed.send(fromInside('MESSAGE'));
    await bench.until(() => bench.heard.length === 2);
    const communities = [{ id: 'others', anchors, names: ['sip.inner.example'] }];
    const moved = { ...SETTINGS, identity, communities, port: await freePort('127.0.0.1') };
    (await listener.prepare(moved)).take();
    await assert.rejects(dialled(oldPort, sipServer), { code: 'ECONNREFUSED' });
    const late = await dialled(moved.port, sipServer);
    assert.equal(showed(late, identity), true);
    for (const [at, speaker] of [early, renewed, late].entries()) {
      speaker.send(fromInside('MESSAGE'));
      await bench.until(() => bench.heard.length === at + 3);
    }
    const heardOf = ['staff', 'staff', 'staff', 'staff', 'others'];
    assert.deepEqual(
      bench.heard,
      heardOf.map((id) => `${id} MESSAGE`),
    );
    listener.close();
    for (const speaker of [early, renewed, late]) await speaker.until(() => speaker.isClosed);
  });

  it('meet the old settings while new ones cannot be had', async () => {
    const bench = new Bench();
    const listener = await bench.listener();
    const identity = { ...gateway, keyPem: sipServer.keyPem };
    await assert.rejects(listener.prepare({ ...SETTINGS, identity }), /mismatch/);
    const speaker = await dialled(listener.port, sipServer);
    assert.equal(showed(speaker, gateway), true);
    speaker.socket.destroy();
    listener.close();
  });
});
