import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  type ChannelDial,
  ChannelEnds,
  type ChannelPlan,
} from '@sallyport/app-gateway/adapters/channel/channel-ends.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import { DEFAULT_CHANNEL_LIMITS } from '@sallyport/shared/io/channel-connection.ts';
import { ChannelDialer } from '@sallyport/shared/io/channel-dialer.ts';
import { ChannelListener } from '@sallyport/shared/io/channel-listener.ts';
import type { ChannelCredentials } from '@sallyport/shared/io/channel-tls.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import { freePort } from '../../../peers/support/free-port.ts';
import {
  credentialsOf,
  gatewayCredentials,
  helloOf,
  otherAuthority,
  proxyCredentials,
  RecordingSink,
} from '../../../shared/io/channel-fixture.ts';

const HOST = '127.0.0.1';
const FLOOD_FRAMES = 480;
const SHARED = { clock: systemClock, limits: DEFAULT_CHANNEL_LIMITS, flush: 'every-turn' } as const;

/** A gateway's ends, with every channel that came about and every line that was logged. */
class Bench {
  readonly sinks: RecordingSink[] = [];
  readonly lines: string[] = [];
  readonly ends: ChannelEnds;
  #check: (() => void) | undefined;

  constructor() {
    const note = (event: string, fields: object = {}) => {
      const { proxy = '', reason = '' } = fields as Record<string, string>;
      this.lines.push(`${event} ${proxy} ${reason}`.replaceAll('  ', ' '));
      this.#check?.();
    };
    this.ends = new ChannelEnds({
      own: helloOf('gateway'),
      log: { info: note, warn: note, error: note },
      random: () => 0,
      isRevoked: () => false,
      turnedAway: (reason, { proxy, address }) =>
        note('turned-away', { proxy: proxy ?? address, reason }),
      open: (connection) => {
        const sink = new RecordingSink(connection);
        this.sinks.push(sink);
        this.#check?.();
        return sink;
      },
    });
    after(() => this.ends.stop('over'));
  }

  async use(plan: Partial<ChannelPlan>): Promise<void> {
    const whole = { dials: [], listen: undefined, credentials: gatewayCredentials, ...plan };
    (await this.ends.prepare(whole)).take();
  }

  /** The channel of that number, counted from 0, once it is there. */
  async channel(number: number): Promise<RecordingSink> {
    await this.until(() => this.sinks.length > number);
    return this.sinks[number] as RecordingSink;
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#check = () => {
        if (!condition()) return;
        this.#check = undefined;
        resolve();
      };
      this.#check();
    });
  }
}

/** A proxy worker that waits for its gateway. */
async function proxyAt(
  node: string,
  credentials?: ChannelCredentials,
  worker = 0,
): Promise<{ dial: ChannelDial; sinks: RecordingSink[] }> {
  const sinks: RecordingSink[] = [];
  const listener = new ChannelListener(
    {
      ...SHARED,
      own: helloOf('proxy', { node, worker, workers: worker + 1 }),
      host: HOST,
      port: 0,
      credentials: credentials ?? (await credentialsOf('proxy', node)),
      expected: { site: 'acme', role: 'gateway' },
      connectionsMax: 16,
      refused: () => undefined,
    },
    (connection) => {
      const sink = new RecordingSink(connection);
      sinks.push(sink);
      return sink;
    },
  );
  after(() => listener.close('over'));
  return { dial: { proxy: node, worker: 0, host: HOST, port: await listener.listen() }, sinks };
}

/** A proxy worker that dials its gateway. */
function dialling(port: number, credentials: ChannelCredentials, node = 'edge-1'): ChannelDialer {
  const dialer = new ChannelDialer(
    {
      ...SHARED,
      own: helloOf('proxy', { node }),
      host: HOST,
      port,
      credentials: () => credentials,
      expected: { site: 'acme', role: 'gateway' },
      random: () => 0,
      failed: () => undefined,
    },
    (connection) => new RecordingSink(connection),
  );
  after(() => dialer.stop('over'));
  dialer.start();
  return dialer;
}

describe('the ends of a gateway that dials', { timeout: 20_000 }, () => {
  it('read no more of a host in one turn than its share, however much it sends', async () => {
    const owned = await proxyAt('edge-2');
    const bench = new Bench();
    await bench.use({ dials: [owned.dial] });
    const channel = await bench.channel(0);
    await channel.heard('ready edge-2');
    await bench.until(() => owned.sinks[0]?.connection.isAvailable === true);
    const payload = Buffer.alloc(8192, 'x');
    for (let at = 1; at <= FLOOD_FRAMES; at++) {
      owned.sinks[0]?.connection.send(FrameType.sip, 0, 0, at, payload, 0, payload.length);
    }
    let most = 0;
    for (let seen = 0; seen < FLOOD_FRAMES; seen = channel.frames.length) {
      await new Promise((turn) => setImmediate(turn));
      most = Math.max(most, channel.frames.length - seen);
    }
    // One read, and the end of the one before.
    assert.ok(most <= 10, `${most} frames of 8 KiB in a turn`);
  });

  it('follow a list of proxies and leave the others their channel', async () => {
    const [one, two] = [await proxyAt('edge-1'), await proxyAt('edge-2')];
    const bench = new Bench();
    await bench.use({ dials: [one.dial] });
    const first = await bench.channel(0);
    await first.heard('ready edge-1');
    await bench.use({ dials: [two.dial, one.dial] });
    const second = await bench.channel(1);
    await second.heard('ready edge-2');
    await bench.use({ dials: [one.dial] });
    await second.heard('closed proxy-removed');
    assert.deepEqual(first.events, ['ready edge-1']);
    assert.equal(first.connection.isAvailable, true);
    assert.equal(bench.sinks.length, 2);
  });

  it('go where a proxy has moved', async () => {
    const [old, moved] = [await proxyAt('edge-1'), await proxyAt('edge-1')];
    const bench = new Bench();
    await bench.use({ dials: [old.dial] });
    await (await bench.channel(0)).heard('ready edge-1');
    await bench.use({ dials: [moved.dial] });
    await (await bench.channel(1)).heard('ready edge-1');
    await (await bench.channel(0)).heard('closed proxy-removed');
    assert.equal(moved.sinks.length, 1);
  });

  it('show a new certificate at the next dial, and leave the channel that is there', async () => {
    const proxy = await proxyAt('edge-1');
    const bench = new Bench();
    await bench.use({ dials: [proxy.dial] });
    const channel = await bench.channel(0);
    await channel.heard('ready edge-1');
    const strange = await credentialsOf('gateway', 'gateway-1', 'acme', otherAuthority);
    await bench.use({ dials: [proxy.dial], credentials: strange });
    assert.equal(channel.connection.isAvailable, true);
    proxy.sinks[0]?.connection.close('cut');
    await channel.heard('closed ended');
    // The proxy does not know that authority: TLS 1.3 tells the dialler only after its own handshake.
    const again = await bench.channel(1);
    await again.until(() => again.events.length > 0);
    assert.match(again.events[0] ?? '', /^closed /);
    await bench.use({ dials: [proxy.dial], credentials: gatewayCredentials });
    await (await bench.channel(2)).heard('ready edge-1');
  });

  it('refuse a worker that says it is another one', async () => {
    const proxy = await proxyAt('edge-1', undefined, 1);
    const bench = new Bench();
    await bench.use({ dials: [proxy.dial] });
    await (await bench.channel(0)).heard('closed hello-worker');
  });

  it('say of which proxy a certificate was wrong, and nothing of one that is not there', async () => {
    const proxy = await proxyAt('edge-1', await credentialsOf('proxy', 'edge-2'));
    const bench = new Bench();
    const nobody = { proxy: 'edge-3', worker: 0, host: HOST, port: await freePort(HOST) };
    await bench.use({ dials: [proxy.dial, nobody] });
    await bench.until(() =>
      ['turned-away edge-1', 'channel-dial-failed edge-3'].every((told) =>
        bench.lines.some((line) => line.startsWith(told)),
      ),
    );
    assert.ok(bench.lines.includes('turned-away edge-1 channel-node-wrong'));
    assert.equal(
      bench.lines.some((line) => /turned-away edge-3/.test(line)),
      false,
    );
    assert.equal(bench.sinks.length, 0);
  });

  it('refuse a key that is not of the certificate', async () => {
    const { keyPem } = proxyCredentials;
    const bench = new Bench();
    await assert.rejects(bench.use({ credentials: { ...gatewayCredentials, keyPem } }), /mismatch/);
  });
});

describe('the ends of a gateway that is dialled', { timeout: 20_000 }, () => {
  it('move to another port and keep the channels that came through the old one', async () => {
    const [oldPort, newPort] = [await freePort(HOST), await freePort(HOST)];
    const bench = new Bench();
    await bench.use({ listen: { host: HOST, port: oldPort } });
    dialling(oldPort, proxyCredentials);
    const first = await bench.channel(0);
    await first.heard('ready edge-1');
    await bench.use({ listen: { host: HOST, port: newPort } });
    dialling(newPort, await credentialsOf('proxy', 'edge-2'), 'edge-2');
    await (await bench.channel(1)).heard('ready edge-2');
    assert.deepEqual(first.events, ['ready edge-1']);
    await bench.ends.stop('stopped');
    await first.heard('closed stopped');
  });

  it('put on record whose certificate was wrong', async () => {
    const place = { host: HOST, port: await freePort(HOST) };
    const bench = new Bench();
    await bench.use({ listen: place });
    dialling(place.port, await credentialsOf('gateway', 'gateway-2'), 'gateway-2');
    await bench.until(() => bench.lines.includes('turned-away 127.0.0.1 channel-role-wrong'));
    assert.equal(bench.sinks.length, 0);
  });

  it('judge by a new authority from then on', async () => {
    const place = { host: HOST, port: await freePort(HOST) };
    const bench = new Bench();
    await bench.use({ listen: place });
    dialling(place.port, proxyCredentials);
    const first = await bench.channel(0);
    await first.heard('ready edge-1');
    const caPem = otherAuthority.certificatePem;
    await bench.use({ listen: place, credentials: { ...gatewayCredentials, caPem } });
    dialling(place.port, await credentialsOf('proxy', 'edge-2'), 'edge-2');
    await bench.until(() => bench.lines.some((line) => line.startsWith('channel-refused')));
    assert.equal(bench.sinks.length, 1);
    assert.deepEqual(first.events, ['ready edge-1']);
  });

  it('open nothing when a plan is given up, and say why a port is not to be had', async () => {
    const place = { host: HOST, port: await freePort(HOST) };
    const [holder, bench] = [new Bench(), new Bench()];
    const plan = { dials: [], listen: place, credentials: gatewayCredentials };
    (await bench.ends.prepare(plan)).discard();
    await holder.use({ listen: place });
    await assert.rejects(bench.use({ listen: place }), { code: 'EADDRINUSE' });
  });
});
