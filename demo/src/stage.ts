import { join } from 'node:path';
import { CompanyServer } from './company-server.ts';
import {
  type DemoSite,
  finishSite,
  GATEWAY_NAME,
  type Layout,
  OUR_DOMAIN,
  PARTNER_DOMAIN,
  prepareSite,
} from './demo-site.ts';
import { Desk } from './desk.ts';
import { LedgerLookup } from './ledger-lookup.ts';
import { Program } from './program.ts';
import type { Timeline } from './timeline.ts';
import { User } from './user.ts';

/** Everything that stands on the stage while the demo plays. */
export class Stage {
  readonly site: DemoSite;
  readonly community: CompanyServer;
  readonly partner: CompanyServer;
  readonly proxy: Program;
  readonly gateway: Program;
  readonly alice: User;
  readonly bob: User;
  /** Where our operators sit. */
  readonly desk: Desk;
  readonly ledger: LedgerLookup;

  private constructor(
    parts: Pick<Stage, 'site' | 'community' | 'partner' | 'proxy' | 'gateway' | 'alice' | 'bob'>,
  ) {
    this.site = parts.site;
    this.desk = new Desk(parts.site.folder);
    this.ledger = new LedgerLookup(this.desk);
    this.community = parts.community;
    this.partner = parts.partner;
    this.proxy = parts.proxy;
    this.gateway = parts.gateway;
    this.alice = parts.alice;
    this.bob = parts.bob;
  }

  static async build(layout: Layout, timeline: Timeline): Promise<Stage> {
    timeline.title(`Setting the stage: ${OUR_DOMAIN} and its partner ${PARTNER_DOMAIN}, ${layout}`);
    const site = await prepareSite(layout);
    const { keys, ports } = site;
    const community = new CompanyServer({
      domain: OUR_DOMAIN,
      innerName: 'chat.acme.internal',
      identity: keys.community,
      peerAuthorityPem: keys.communityAuthorityPem,
      peer: { host: '127.0.0.1', port: ports.inner, serverName: GATEWAY_NAME },
      software: 'AcmeChat/7.1 (build 4711)',
    });
    const partner = new CompanyServer({
      domain: PARTNER_DOMAIN,
      innerName: `sip.${PARTNER_DOMAIN}`,
      identity: keys.partner,
      peerAuthorityPem: keys.ourAuthorityPem,
      peer: { host: '127.0.0.1', port: ports.public, serverName: OUR_DOMAIN },
      software: 'GlobexSIP/2',
    });
    await Promise.all([community.listen(), partner.listen()]);
    await finishSite(site, layout, {
      community: community.federationPort,
      partner: partner.federationPort,
    });
    timeline.note(`site folder ${site.folder}: made by sallyport init, check, bundle`);
    const proxy = new Program('dmz-proxy', join(site.folder, 'hosts', 'edge-1'));
    const gateway = new Program('app-gateway', join(site.folder, 'hosts', 'gateway-1'));
    await Promise.all([
      gateway.event('snapshot-accepted'),
      gateway.event('community-host-connected'),
      proxy.event('ready'),
    ]);
    timeline.note(`dmz-proxy takes partners on 127.0.0.1:${ports.public}`);
    timeline.note(
      'app-gateway dialled the channel from the inside and delivered a signed snapshot',
    );
    const alice = await seat(
      community,
      `alice@${OUR_DOMAIN}`,
      'In a meeting',
      keys.communityAuthorityPem,
      'chat.acme.internal',
    );
    const bob = await seat(
      partner,
      `bob@${PARTNER_DOMAIN}`,
      'At my desk',
      keys.partnerAuthority.certificatePem,
      PARTNER_DOMAIN,
    );
    timeline.note('alice (inside) and bob (partner) are on line with sip.js over TLS');
    return new Stage({ site, community, partner, proxy, gateway, alice, bob });
  }

  async close(timeline: Timeline): Promise<void> {
    await Promise.all([this.alice.stop(), this.bob.stop()]);
    timeline.title('Clearing the stage');
    for (const program of [this.proxy, this.gateway]) {
      await timeline.step({
        who: 'operator',
        where: program === this.proxy ? 'outer DMZ' : 'inner DMZ',
        what: `SIGTERM: ${program.name} drains and exits`,
        expected: 'exit code 0',
        run: async () => `exit code ${await program.stop()}`,
      });
    }
    this.community.close();
    this.partner.close();
  }
}

/** Puts a user on line at a company’s server. */
export async function seat(
  server: CompanyServer,
  address: string,
  note: string,
  ca: string,
  serverName: string,
): Promise<User> {
  const user = new User(address, note, {
    host: '127.0.0.1',
    port: server.usersPort,
    ca,
    serverName,
  });
  const localPort = await user.start();
  server.register(address.slice(0, address.indexOf('@')), localPort);
  return user;
}
