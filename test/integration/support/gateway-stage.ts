import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { shownKey } from '@sallyport/app-gateway/adapters/channel/connection-policy.ts';
import { bundleCommand } from '@sallyport/app-gateway/cli/bundle/bundle-command.ts';
import { initCommand } from '@sallyport/app-gateway/cli/site/init-command.ts';
import { FrameType } from '@sallyport/shared/channel/frame.ts';
import {
  type ChannelConnection,
  DEFAULT_CHANNEL_LIMITS,
} from '@sallyport/shared/io/channel-connection.ts';
import { ChannelListener } from '@sallyport/shared/io/channel-listener.ts';
import { systemClock } from '@sallyport/shared/io/clock.ts';
import {
  InnerServer,
  type Shown,
  type Speaker,
} from '../../app-gateway/adapters/community/inner-server.ts';
import { fromPartner } from '../../app-gateway/domain/core/core-stage.ts';

const MAIN = fileURLToPath(new URL('../../../app-gateway/src/main.ts', import.meta.url));

const PARTNER = `id: globex
domains: [globex.example]
anchors: [example/partner-ca.crt]
methods: [MESSAGE, INVITE, BYE, OPTIONS]
`;

/** What the stage needs of a frame. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly flow: number;
  readonly exchange: number;
  readonly text: string;
}

type LogLine = { readonly event: string } & Readonly<Record<string, string | number | boolean>>;

/** A real gateway process between a fake proxy and a fake inner SIP server, all of one freshly made site. */
export class GatewayStage {
  readonly folder: string;
  readonly frames: Frame[] = [];
  readonly log: LogLine[] = [];
  readonly inner: InnerServer;
  shown: Shown = { chainPem: '', keyPem: '' };
  isDraining = false;
  /** Whether the proxy says at once that it took a snapshot. */
  takesSnapshots = false;
  /** Ports that the gateway took. */
  ready = { innerPort: 0, healthPort: 0 };
  proxy: ChannelConnection | undefined;
  speaker: Speaker | undefined;
  /** The key of ours that every flow shows. */
  readonly #ownKey: string;
  #child: ChildProcess | undefined;
  #listener: ChannelListener | undefined;
  readonly #checks = new Set<() => void>();

  private constructor(folder: string, shown: Shown, ownChainPem: string) {
    this.folder = folder;
    this.shown = shown;
    this.#ownKey = shownKey(ownChainPem);
    this.inner = new InnerServer(shown);
  }

  /** Everything up: channel ready, inner host connected, one partner flow open. */
  static async open(database: 'files' | 'embedded' = 'files'): Promise<GatewayStage> {
    const scratch = await mkdtemp(join(tmpdir(), 'gateway-'));
    const site = join(scratch, 'site');
    await initCommand(
      site,
      { layout: 'dual-dmz', site: 'acme', domain: ['acme.example'] },
      Date.now,
    );
    const read = (name: string) => readFile(join(site, name), 'utf8');
    const community = {
      chainPem: await read('communities/gateway.crt'),
      keyPem: await read('communities/gateway.key'),
    };
    const stage = new GatewayStage(scratch, community, await read('identities/main.crt'));
    const channelPort = await stage.#listen(read);
    const innerPort = await stage.inner.listen();
    const yaml = (await read('site.yaml'))
      .replace('port: 7443', `port: ${channelPort}`)
      .replace('workers: 2', 'workers: 1')
      .replace('port: 5081', `port: ${innerPort}`)
      .replace('port: 5071', 'port: 0')
      .replace('port: 8082', 'port: 0')
      .replace('kind: embedded', `kind: ${database}`);
    await writeFile(join(site, 'site.yaml'), yaml);
    await writeFile(join(site, 'partners/globex.yaml'), PARTNER);
    const bundled = await bundleCommand(site, Date.now);
    if (bundled.exitCode !== 0) throw new Error(bundled.text);
    stage.#spawn(stage.file(''));
    const ready = await stage.logged('ready');
    stage.ready = {
      innerPort: Number(ready['innerPort']),
      healthPort: Number(ready['healthPort']),
    };
    stage.speaker = await stage.inner.accepted();
    await stage.logged('community-host-connected');
    await stage.frame(FrameType.snapshot);
    stage.openFlow(1);
    // Two sockets keep no common order: the flow counts as open once something came back on it.
    stage.fromPartner(1, fromPartner('OPTIONS', { uri: 'sip:sip.acme.example' }));
    await stage.frame(FrameType.sip);
    return stage;
  }

  /** The gateway's own copy of a site file. */
  file(name: string): string {
    return join(this.folder, 'site/hosts/gateway-1', name);
  }

  openFlow(
    flow: number,
    direction: 'inbound' | 'outbound' = 'outbound',
    trustSet: string = 'file',
  ): void {
    this.proxy?.sendJson(FrameType.flowOpened, flow, 0, {
      partner: 'globex',
      identities: ['globex.example'],
      ownIdentity: 'main',
      ownKey: this.#ownKey,
      trustSet,
      certificate: { spki: `${'B'.repeat(43)}=`, fingerprint: '0f'.repeat(32), notAfterMs: 2 },
      sightings: [],
      direction,
      remoteAddress: '192.0.2.1',
      remotePort: 5061,
      localPort: 5061,
      openedAtMs: 1,
      tls: { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' },
    });
  }

  closeFlow(flow: number): void {
    this.proxy?.sendJson(FrameType.flowClosed, flow, 0, { reason: 'peer-closed' });
  }

  /** A message from the partner. */
  fromPartner(exchange: number, text: string, flow = 1): void {
    const bytes = Buffer.from(text, 'latin1');
    this.proxy?.send(FrameType.sip, 0, flow, exchange, bytes, 0, bytes.length);
  }

  /** The next frame of that type that nobody has asked for yet. */
  async frame(type: number): Promise<Frame> {
    const find = () => this.frames.findIndex((frame) => frame.type === type);
    await this.until(() => find() >= 0);
    return this.frames.splice(find(), 1)[0] as Frame;
  }

  /** The next log line of that event. */
  async logged(event: string): Promise<LogLine> {
    const find = () => this.log.findIndex((line) => line.event === event);
    await this.until(() => find() >= 0);
    return this.log.splice(find(), 1)[0] as LogLine;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  async exitCode(): Promise<number | null> {
    const child = this.#child as ChildProcess;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode;
  }

  /** Stops the gateway, and starts it with this bundle in its place. */
  async restart(bundle: string): Promise<void> {
    await this.stop();
    this.start(bundle);
  }

  /** Stops the gateway; what it said is forgotten. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    await this.exitCode();
    this.log.splice(0);
  }

  start(bundle: string): void {
    this.#spawn(bundle);
  }

  async close(): Promise<void> {
    this.signal('SIGTERM');
    await this.exitCode();
    await this.#listener?.close('over');
    this.speaker?.socket.destroy();
    this.inner.close();
    await rm(this.folder, { recursive: true });
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition()) return;
        this.#checks.delete(check);
        resolve();
      };
      this.#checks.add(check);
      check();
    });
  }

  async #listen(read: (name: string) => Promise<string>): Promise<number> {
    this.#listener = new ChannelListener(
      {
        own: {
          protocolVersions: [1],
          role: 'proxy',
          site: 'acme',
          node: 'edge-1',
          worker: 0,
          workers: 1,
          creditBytes: 4_194_304,
          flowCreditBytes: 2_097_152,
        },
        clock: systemClock,
        limits: DEFAULT_CHANNEL_LIMITS,
        flush: 'every-turn',
        host: '127.0.0.1',
        port: 0,
        credentials: {
          certificatePem: await read('hosts/edge-1/channel.crt'),
          keyPem: await read('hosts/edge-1/channel.key'),
          caPem: await read('hosts/edge-1/channel-ca.crt'),
        },
        expected: { site: 'acme', role: 'gateway' },
        connectionsMax: 4,
        refused: (reason) => this.#hear(() => this.log.push({ event: `refused ${reason}` })),
      },
      (connection) => ({
        ready: () => this.#hear(() => (this.proxy = connection)),
        frame: (type, flags, flow, exchange, bytes, start, end) => {
          const text = bytes.toString('latin1', start, end);
          this.#hear(() => this.frames.push({ type, flags, flow, exchange, text }));
          if (type === FrameType.snapshot && this.takesSnapshots) this.#takeSnapshot(text);
          if (type === FrameType.sip) connection.consumed(flow, end - start);
        },
        clockTurned: () => undefined,
        flowWritable: () => undefined,
        draining: () => this.#hear(() => (this.isDraining = true)),
        closed: () => this.#hear(() => (this.proxy = undefined)),
      }),
    );
    return await this.#listener.listen();
  }

  /** Behind its signature a snapshot is JSON. */
  #takeSnapshot(text: string): void {
    const { version } = JSON.parse(text.slice(64)) as { version: number };
    this.proxy?.sendJson(FrameType.snapshotResult, 0, 0, { version, accepted: true });
  }

  #spawn(bundle: string): void {
    const child = spawn(process.execPath, [MAIN, bundle], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    let rest = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#hear(() => this.log.push(JSON.parse(line) as LogLine));
    });
  }

  #hear(note: () => unknown): void {
    note();
    for (const check of [...this.#checks]) check();
  }
}
