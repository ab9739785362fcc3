import type { KeyObject } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { publicKeyOfRaw } from '@sallyport/shared/audit/raw-key.ts';
import { systemClock as clock } from '@sallyport/shared/io/clock.ts';
import { DaysFile } from '../adapters/files/days-file.ts';
import { DaysOnRecord } from '../ledger/days-on-record.ts';
import type { Note } from '../ledger/own-stream.ts';
import { Retention } from '../ledger/retention.ts';
import type { SiteLedgerOptions } from './site-ledger.ts';

export interface SiteRetentionOptions extends SiteLedgerOptions {
  /** Of the journal. */
  readonly folder: string;
  readonly note: Note;
  /** Of now: a reload may bring another. */
  readonly witnessNow: () => SiteLedgerOptions['witness'];
}

/** Retention of a running gateway, composed. */
export function retentionOf(options: SiteRetentionOptions): Retention {
  const { bundle, site, store, log, folder, note, witnessNow } = options;
  const gatewayKey = (node: string): KeyObject | undefined => {
    if (site().proxies.some((proxy) => proxy.node === node)) return undefined;
    const { publicKeys, former } = witnessNow();
    const raw = former[node]?.key;
    if (raw === undefined) return publicKeys.get(node);
    return publicKeyOfRaw('Ed25519', Buffer.from(raw, 'base64'));
  };
  return new Retention({
    node: bundle.node,
    store,
    onRecord: new DaysOnRecord({
      ...{ store, memory: new DaysFile(folder), gatewayKey, turn },
      nowMs: () => clock.wallMs(),
    }),
    note,
    clock,
    retentionDays: () => site().audit.retentionDays,
    dropped: (day, entries) => log.info('audit-day-dropped', { day, entries }),
    putBack: (hold) => log.warn('audit-hold-put-back', { hold }),
    failed: (code) => log.warn('audit-retention-failed', { code }),
  });
}
