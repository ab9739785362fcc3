import type { Logger } from '@sallyport/shared/io/json-log.ts';
import type { GatewayBundle } from '../adapters/files/gateway-bundle.ts';
import { checkChannelCertificate } from '../config/check-channel-certificate.ts';
import type { Site } from '../config/site.ts';

/**
 * Tells of what `sallyport check` warns of, for those who never ask it: dates above all.
 *
 * All of it at the start and when somebody asks for a reload. A command changes a partner or a key a dozen times in a
 * roll-over; after each of these only what was not told at the time before.
 */
export class SiteDoubts {
  readonly #log: Pick<Logger, 'warn'>;
  readonly #nowMs: () => number;
  #told: ReadonlySet<string> = new Set();

  constructor(log: Pick<Logger, 'warn'>, nowMs: () => number) {
    this.#log = log;
    this.#nowMs = nowMs;
  }

  tell(
    { channel, node }: Pick<GatewayBundle, 'channel' | 'node'>,
    site: Pick<Site, 'name' | 'warnings'>,
    which: 'all' | 'new',
  ): void {
    const identity = { site: site.name, role: 'gateway', node } as const;
    const doubts = [...site.warnings, ...checkChannelCertificate(channel, identity, this.#nowMs())];
    const told = new Set<string>();
    for (const { file, line, path, message } of doubts) {
      const said = JSON.stringify([file, path, message]);
      told.add(said);
      if (which === 'new' && this.#told.has(said)) continue;
      this.#log.warn('site-warning', { file, line, path, message });
    }
    this.#told = told;
  }
}
