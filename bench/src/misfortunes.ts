import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import type { ConversationSite } from './conversation-site.ts';
import { processTree } from './process-tree.ts';

/** What goes wrong, or is done on purpose, while people talk; resolves when all is as before. */
export type Misfortune = (site: ConversationSite, turn: number) => Promise<void>;

const DOWN_MS = 2000;
const PARTNER = 'globex';
const DOMAINS = ['globex.example'] as const;

/** By name, in the order in which they come. */
export const MISFORTUNES: Readonly<Record<string, Misfortune>> = {
  'gateway killed': async (site, turn) => {
    await site.gateways[turn % 2]?.kill();
    await delay(DOWN_MS);
    await site.startGateway(turn % 2);
  },
  'worker killed': async (site, turn) => {
    site.killWorker(turn);
    await delay(DOWN_MS);
  },
  'partner changed': (site, turn) => site.reload({ keepAliveMs: 30_000 + turn }),
  'gateway drained': async (site, turn) => {
    await site.gateways[turn % 2]?.stop();
    await site.startGateway(turn % 2);
  },
  'channel cut': async (site) => {
    if (!site.hasRelay) return;
    site.cut();
    await delay(DOWN_MS);
    await site.restoreChannel();
  },
  'proxy drained': async (site, turn) => {
    await site.proxy(turn).stop();
    await site.startProxy(turn);
  },
  'inner server slow': async (site) => {
    site.inner.stall(true);
    await delay(DOWN_MS);
    site.inner.stall(false);
  },
  'inner server dead': async (site) => {
    const port = await site.inner.fall();
    await delay(DOWN_MS);
    await site.inner.listen(port);
  },
};

const DATABASE_AWAY_MS = 20_000;
const SUSPENDED_MS = 3000;
const SHORT_LIFE_MS = 12_000;

/** Those of a site that has a database, with partners and operators in it. */
export const DATABASE_MISFORTUNES: Readonly<Record<string, Misfortune>> = {
  'partner rolls its keys': async (site) => {
    const { people, partner } = site;
    const validity = validForDays(Date.now(), 30);
    const authority = await createAuthority({ commonName: 'globex CA, new', ...validity });
    const set = await people.takeAuthority(PARTNER, authority);
    partner.show(await issueDomainCertificate(authority, { domains: DOMAINS, ...validity }));
    partner.renewWires(2);
    await people.keepOnly(PARTNER, set);
    site.partnerAuthority = authority;
  },
  'our keys are rolled': async ({ people, partner }) => {
    const keys = await people.ownKeys();
    const shown = await people.showNextKey([PARTNER, 'initech']);
    partner.renewWires(1);
    for (const key of keys.filter((one) => one !== shown)) await people.retireOwn(key);
  },
  'database stopped': async ({ database }) => {
    await database?.stop();
    await delay(DATABASE_AWAY_MS);
    await database?.start();
  },
  'database silent': async ({ database }) => {
    const processes = database === undefined ? [] : processTree([database.pid]);
    for (const pid of processes) process.kill(pid, 'SIGSTOP');
    await delay(DATABASE_AWAY_MS);
    for (const pid of processes) process.kill(pid, 'SIGCONT');
  },
  'database killed': async ({ database }) => {
    await database?.kill();
    await database?.start();
  },
  'database connections cut': ({ database }) => {
    database?.sql(
      'postgres',
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'sallyport'",
    );
    return Promise.resolve();
  },
  'proxy killed': async (site, turn) => {
    await site.proxy(turn).kill();
    await delay(DOWN_MS);
    await site.startProxy(turn);
  },
  'certificate of the partner expires': async ({ partner, partnerAuthority }) => {
    const nowMs = Date.now();
    const short = { notBeforeMs: nowMs - SHORT_LIFE_MS, notAfterMs: nowMs + SHORT_LIFE_MS };
    partner.show(await issueDomainCertificate(partnerAuthority, { domains: DOMAINS, ...short }));
    partner.renewWires(1);
    await delay(SHORT_LIFE_MS + DOWN_MS);
    const validity = validForDays(Date.now(), 30);
    partner.show(await issueDomainCertificate(partnerAuthority, { domains: DOMAINS, ...validity }));
    await delay(DOWN_MS);
  },
  'partner suspended': async ({ people }) => {
    const why = ['--reason', 'their key may be in other hands'];
    await people.ask('bob', 'partner', 'sever', PARTNER, ...why);
    await delay(SUSPENDED_MS);
    await people.ask('ann', 'partner', 'restore', PARTNER, '--reason', 'it was not');
  },
  'policy changed': async (site) => {
    const { people } = site;
    const change = async (methods: readonly string[]) => {
      const words = methods.flatMap((method) => ['--method', method]);
      await people.ask('bob', 'partner', 'change', PARTNER, ...words);
    };
    await change(site.methods.filter((method) => method !== 'INFO'));
    await delay(SUSPENDED_MS);
    await change(site.methods);
  },
};
