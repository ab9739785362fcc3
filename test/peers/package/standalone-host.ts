import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SiteDraft } from '../../app-gateway/plan/site-on-a-network.ts';
import { PARTNER_DOMAIN } from '../support/addresses.ts';
import { buildPackages, debianWithSystemd } from '../support/fresh-debian.ts';
import { Stage } from '../support/stage.ts';
import { until } from '../support/wait.ts';
import { presetSite } from '../zones/example-sites.ts';
import type { Listener } from '../zones/listener.ts';
import { Namespace } from '../zones/namespace.ts';
import type { Said, Speaker } from '../zones/speaker.ts';
import { makeZoneSite, sallyport, siteFileOf, type ZoneSite } from '../zones/zone-site.ts';
import { BootedDebian } from './booted-debian.ts';
import { PackagedService } from './packaged-service.ts';

const ZONES = join(import.meta.dirname, '../zones');
const UP_MS = 60_000;
const HOST = '192.0.2.11';
/** Everybody's addresses lie on the loopback of one network; the partner comes from the host's own. */
const ADDRESSES = [`${HOST}/32`, '203.0.113.40/32', '198.18.0.7/32', '2001:db8:1::11/128'];

/**
 * The host of a standalone site as `sallyport plan` makes it, booted by systemd, with both packages and nothing else;
 * around it a partner and a community's server.
 */
export class StandaloneHost {
  readonly debian: BootedDebian;
  readonly proxy: PackagedService;
  readonly gateway: PackagedService;
  readonly #stage: Stage;
  readonly #network: Namespace;
  readonly #root: string;
  readonly #draft: SiteDraft;
  readonly #site: ZoneSite;
  #messages = 0;

  private constructor(
    debian: BootedDebian,
    stage: Stage,
    network: Namespace,
    root: string,
    draft: SiteDraft,
    site: ZoneSite,
  ) {
    this.debian = debian;
    this.proxy = new PackagedService(debian, 'sallyport-dmz-proxy', 'edge-1');
    this.gateway = new PackagedService(debian, 'sallyport-app-gateway', 'gateway-1');
    this.#stage = stage;
    this.#network = network;
    this.#root = root;
    this.#draft = draft;
    this.#site = site;
  }

  static async boot(): Promise<StandaloneHost> {
    const stage = new Stage();
    try {
      return await StandaloneHost.#bootOn(stage);
    } catch (fault) {
      await stage.stopAll();
      throw fault;
    }
  }

  static async #bootOn(stage: Stage): Promise<StandaloneHost> {
    const root = join(stage.folder, 'root');
    buildPackages(stage.subfolder('packages'));
    execFileSync('cp', ['-a', debianWithSystemd(), root]);
    const draft = await presetSite('standalone');
    const partner = { address: '198.18.0.7', port: 5061, networks: [HOST] };
    const site = await makeZoneSite(stage, draft, partner);
    const network = Namespace.make(`sp-${process.pid}-standalone`);
    stage.atTheVeryEnd(async () => network.remove());
    network.network(ADDRESSES.map((address) => `addr add ${address} dev lo`));
    const debian = await BootedDebian.boot(root, network.name, join(stage.folder, 'boot.log'));
    stage.atTheVeryEnd(() => debian.shutDown());
    const host = new StandaloneHost(debian, stage, network, root, draft, site);
    await host.#startCommunity();
    return host;
  }

  /** Packages by name: their files, as the host sees them. */
  packages(): readonly string[] {
    const folder = join(this.#stage.folder, 'packages');
    return readdirSync(folder)
      .filter((name) => name.endsWith('.deb'))
      .map((name) => {
        cpSync(join(folder, name), join(this.#root, 'srv', name));
        return `/srv/${name}`;
      });
  }

  /** The same packages with a higher version. */
  newerPackages(): readonly string[] {
    return this.packages().map((path) => {
      const [from, tree] = [join(this.#root, path), join(this.#stage.folder, 'newer')];
      rmSync(tree, { recursive: true, force: true });
      execFileSync('dpkg-deb', ['--raw-extract', from, tree]);
      const control = join(tree, 'DEBIAN/control');
      execFileSync('sed', ['-i', 's/^Version: .*/&+1/', control]);
      const newer = path.replace('.deb', '+1.deb');
      const words = ['--root-owner-group', '-Znone', '--build', tree, join(this.#root, newer)];
      execFileSync('dpkg-deb', words, { stdio: 'ignore' });
      return newer;
    });
  }

  /** Plans the site with partners on a port, and puts what it says of this host where the checklist tells. */
  async plan(port: number): Promise<void> {
    for (const listen of this.#draft.proxies[0].listen) listen.port = port;
    this.#draft.public.port = port;
    writeFileSync(join(this.#site.folder, 'site.yaml'), JSON.stringify(this.#draft));
    const plan = join(this.#stage.folder, 'plan');
    await sallyport('plan', this.#site.folder, '--out', plan, '--with-keys');
    const folder = join(this.#root, 'srv/edge-a');
    rmSync(folder, { recursive: true, force: true });
    cpSync(join(plan, 'hosts/edge-a'), folder, { recursive: true, preserveTimestamps: true });
    this.debian.run('sallyport-dmz-proxy-bundle', 'edge-1', '/srv/edge-a/edge-1');
    this.debian.run('sallyport-gateway-bundle', 'gateway-1', '/srv/edge-a/gateway-1');
    // A container may not set its kernel's network, and skips the service that would; whoever made the network sets it.
    const settings = join(folder, 'sysctl.conf');
    if (existsSync(settings)) this.#network.run('sysctl', ['-p', settings]);
  }

  /** Waits until both health ports say that the node carries traffic. */
  async up(): Promise<void> {
    const { proxies, gateways } = siteFileOf(this.#draft);
    for (const { health } of [...proxies, ...gateways]) {
      const ask = `fetch('http://${health.host}:${health.port}/health')
        .then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))`;
      await until(`health on port ${health.port}`, UP_MS, () => {
        try {
          return this.#network.run(process.execPath, ['--eval', ask]) === '';
        } catch {
          return undefined;
        }
      });
    }
  }

  /** Status of the answer to a partner's message to one of our users. */
  async messageFromPartner(port: number): Promise<number> {
    this.#messages += 1;
    const { chain, key } = this.#site.partnerCertificate;
    const [domain = ''] = siteFileOf(this.#draft).domains;
    const wishes: Speaker = {
      ...{ host: HOST, port, tls: { serverName: domain, chain, key } },
      ...{ from: `alice@${PARTNER_DOMAIN}`, to: `bob@${domain}` },
      ...{ count: 1, pauseMs: 0, name: `message-${this.#messages}` },
    };
    const { command, args } = this.#node('speaker.ts', wishes);
    const { stdout } = await promisify(execFile)(command, args);
    return (JSON.parse(stdout) as Said).status;
  }

  async remove(): Promise<void> {
    await this.#stage.stopAll();
    this.#stage.removeFolder();
  }

  async #startCommunity(): Promise<void> {
    const { chain, key } = this.#site.innerCertificate;
    const wishes: Listener = { host: '203.0.113.40', port: 5061, chain, key };
    await this.#stage.start(
      { name: 'community', ...this.#node('listener.ts', wishes) },
      ({ log }) => log.includes('ready'),
    );
  }

  #node(program: string, wishes: object): { command: string; args: readonly string[] } {
    const args = [join(ZONES, program), JSON.stringify(wishes)];
    return this.#network.command(process.execPath, args);
  }
}
