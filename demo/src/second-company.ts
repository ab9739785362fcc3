import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CompanyServer } from './company-server.ts';
import {
  bundleSite,
  type DemoPorts,
  makeInnerKeys,
  newSite,
  ROOT,
  type SiteNames,
  siteFile,
  writeSiteFile,
} from './demo-site.ts';
import { Desk } from './desk.ts';
import { Program } from './program.ts';
import { seat } from './stage.ts';
import type { User } from './user.ts';

const NAMES: SiteNames = {
  site: 'initech',
  domain: 'initech.example',
  gateway: 'gateway-1.initech.internal',
  chat: 'chat.initech.internal',
};

/** A company with a Sallyport of its own, and carol in it. */
export class SecondCompany {
  readonly desk: Desk;
  readonly ports: DemoPorts;
  readonly carol: User;
  readonly #server: CompanyServer;
  readonly #programs: readonly Program[];

  private constructor(
    desk: Desk,
    ports: DemoPorts,
    carol: User,
    server: CompanyServer,
    programs: readonly Program[],
  ) {
    this.desk = desk;
    this.ports = ports;
    this.carol = carol;
    this.#server = server;
    this.#programs = programs;
  }

  static async build(): Promise<SecondCompany> {
    const folder = join(ROOT, '.sallyport', 'demo-partner', NAMES.site);
    await rm(folder, { recursive: true, force: true });
    await mkdir(dirname(folder), { recursive: true });
    const ports = await newSite(folder, 'dual-dmz', NAMES);
    const keys = await makeInnerKeys(folder, NAMES);
    const server = new CompanyServer({
      domain: NAMES.domain,
      innerName: NAMES.chat,
      identity: keys.community,
      peerAuthorityPem: keys.communityAuthorityPem,
      peer: { host: '127.0.0.1', port: ports.inner, serverName: NAMES.gateway },
      software: 'InitechChat/3',
    });
    await server.listen();
    await writeSiteFile(folder, siteFile(NAMES, 'dual-dmz', ports, server.federationPort));
    await bundleSite(folder);
    const proxy = new Program('dmz-proxy', join(folder, 'hosts', 'edge-1'));
    const gateway = new Program('app-gateway', join(folder, 'hosts', 'gateway-1'));
    await Promise.all([
      gateway.event('snapshot-accepted'),
      gateway.event('community-host-connected'),
      proxy.event('ready'),
    ]);
    const carol = await seat(
      server,
      `carol@${NAMES.domain}`,
      'On the road',
      keys.communityAuthorityPem,
      NAMES.chat,
    );
    return new SecondCompany(new Desk(folder), ports, carol, server, [proxy, gateway]);
  }

  async close(): Promise<void> {
    await this.carol.stop();
    await Promise.all(this.#programs.map((program) => program.stop()));
    this.#server.close();
  }
}
