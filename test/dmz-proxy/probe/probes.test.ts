import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type EdgeConfig, edgeConfig } from '@sallyport/dmz-proxy/bundle/edge-config.ts';
import { NO_PARTNERS } from '@sallyport/dmz-proxy/identity/partner.ts';
import { Probes } from '@sallyport/dmz-proxy/probe/probes.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { decodeProbeResult, type ProbeResult } from '@sallyport/shared/channel/probe.ts';
import { type ProxySite, proxySite } from '../../integration/support/proxy-site.ts';
import { ManualClock } from '../../shared/io/manual-clock.ts';
import { RecordedChannel } from '../edge-fixture.ts';

describe('probes that a gateway asks for', () => {
  let site: ProxySite;
  const silent = createServer((socket) => socket.on('error', () => undefined));
  before(async () => {
    site = await proxySite();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
  });
  after(() => {
    silent.close();
    site.remove();
  });

  /** A proxy whose partner has one server, that says nothing. */
  function proxy(port = (silent.address() as AddressInfo).port) {
    const partners = site.snapshot.partners.map((partner) => ({
      ...partner,
      domains: ['globex.example', 'globex.test'],
      endpoints: [{ host: '127.0.0.1', port }],
    }));
    const built = edgeConfig({ ...site.snapshot, partners }, undefined, 0);
    assert.ok(built.ok);
    const config: EdgeConfig = built.value;
    const clock = new ManualClock();
    const logged: string[] = [];
    const note = (event: string) => void logged.push(event);
    const probes = new Probes({
      config: () => config,
      resolver: { ask: () => Promise.resolve({ kind: 'none' }) },
      clock,
      log: { info: note, warn: note, error: note },
      revocationOf: undefined,
      sourceFor: () => undefined,
    });
    const channel = new RecordedChannel();
    const ask = (exchange: number, request: object | string) => {
      const text = typeof request === 'string' ? request : JSON.stringify(request);
      const bytes = Buffer.from(text);
      probes.ask(channel, exchange, bytes, 0, bytes.length);
    };
    const answer = async (exchange: number): Promise<ProbeResult> => {
      for (;;) {
        const frame = channel
          .ofType(FrameType.probeResult)
          .find((sent) => sent.exchange === exchange);
        if (frame !== undefined) {
          const bytes = Buffer.from(frame.text);
          const result = decodeProbeResult(bytes, 0, bytes.length);
          assert.ok(result.ok, frame.text);
          return result.value;
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    return { probes, channel, clock, ask, answer, logged };
  }
  const GLOBEX = { partner: 'globex', domain: 'globex.example' };
  const closedPort = async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  };

  //  request                                               refusal
  const refusals: readonly (readonly [object, string])[] = [
    [{ partner: 'initech', domain: 'initech.example' }, 'partner-unknown'],
    [{ partner: 'globex', domain: 'initech.example' }, 'domain-unknown'],
  ];
  for (const [request, refusal] of refusals) {
    it(`${JSON.stringify(request)}: ${refusal}`, async () => {
      const { ask, answer } = proxy();
      ask(1, request);
      assert.deepEqual(await answer(1), { refusal });
    });
  }

  it('one that cannot be read closes the channel', () => {
    const { ask, channel } = proxy();
    ask(1, 'guess');
    assert.equal(channel.closedFor, 'payload-malformed');
  });

  it('twice a minute per partner', async () => {
    const { ask, answer, clock, logged } = proxy(await closedPort());
    for (const [exchange, expected] of [
      [1, 'connect'],
      [2, 'connect'],
      [3, 'too-often'],
    ] as const) {
      ask(exchange, GLOBEX);
      const { steps, refusal } = await answer(exchange);
      assert.equal(steps?.[0]?.step ?? refusal, expected);
    }
    clock.advance(59_999);
    ask(4, GLOBEX);
    assert.deepEqual(await answer(4), { refusal: 'too-often' });
    clock.advance(1);
    ask(5, GLOBEX);
    assert.equal((await answer(5)).steps?.[0]?.code, 'econnrefused');
    assert.deepEqual(logged, ['partner-probed', 'partner-probed', 'partner-probed']);
  });

  //  what ends it                        how
  const ends: readonly (readonly [string, (of: ReturnType<typeof proxy>) => void])[] = [
    ['twenty seconds', ({ clock }) => clock.advance(20_000)],
    ['a snapshot without the partner', ({ probes }) => probes.usePartners(NO_PARTNERS)],
    ['draining', ({ probes }) => probes.drain()],
  ];
  for (const [what, end] of ends) {
    it(`one at a time, and ${what} ends it with its connection`, async () => {
      const arrived = once(silent, 'connection');
      const stage = proxy();
      stage.ask(1, GLOBEX);
      const [socket] = (await arrived) as [Socket];
      const gone = once(socket.resume(), 'close');
      stage.ask(2, GLOBEX);
      assert.deepEqual(await stage.answer(2), { refusal: 'busy' });
      end(stage);
      const { steps = [] } = await stage.answer(1);
      const failed = steps.filter(({ outcome }) => outcome === 'failed');
      // Where it was when it ended, and that this was not the end of the list.
      assert.deepEqual(
        failed.map(({ code }) => code),
        ['aborted', 'aborted'],
      );
      await gone;
    });
  }

  it('none while draining', async () => {
    const { probes, ask, answer } = proxy();
    probes.drain();
    ask(1, GLOBEX);
    assert.deepEqual(await answer(1), { refusal: 'draining' });
  });
});
