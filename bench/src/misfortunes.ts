import { setTimeout as delay } from 'node:timers/promises';
import type { ConversationSite } from './conversation-site.ts';

/** What goes wrong, or is done on purpose, while people talk; resolves when all is as before. */
export type Misfortune = (site: ConversationSite, turn: number) => Promise<void>;

const DOWN_MS = 2000;

/** By name, in the order in which they come. */
export const MISFORTUNES: Readonly<Record<string, Misfortune>> = {
  'gateway killed': async (site, turn) => {
    await site.gateways[turn % 2]?.kill();
    await delay(DOWN_MS);
    await site.startGateway(turn % 2);
  },
  'worker killed': async (site) => {
    site.killWorker();
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
  'proxy drained': async (site) => {
    await site.proxy.stop();
    await site.startProxy();
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
