import assert from 'node:assert/strict';
import { auditExport } from '@sallyport/app-gateway/commands/audit/audit-export.ts';
import type { AnyCommand } from '@sallyport/app-gateway/commands/command.ts';
import type { LedgerAccess } from '@sallyport/app-gateway/commands/command-context.ts';
import { otherCallIds } from '@sallyport/app-gateway/domain/hiding/call-id-masking.ts';
import { RouteTokens } from '@sallyport/app-gateway/domain/route-token.ts';
import {
  type AuditedSite,
  busySite,
  type RecordingSource,
  refuseSender,
} from '../../ledger/audited-site.ts';
import { CommandBench } from '../command-bench.ts';

/** What masks Call-IDs at this site. */
export const TOKENS = new RouteTokens(Buffer.alloc(32, 3));

interface Exported {
  readonly bytes: string;
  readonly place?: unknown;
}

/** The commands of the ledger over their routes, on a ledger in memory of 430 records: 200 exchanges and a refusal. */
export class AuditBench {
  readonly bench: CommandBench;
  readonly site: AuditedSite;
  readonly proxy: RecordingSource;

  private constructor(bench: CommandBench, site: AuditedSite, proxy: RecordingSource) {
    this.bench = bench;
    this.site = site;
    this.proxy = proxy;
    this.useOwnLedger();
  }

  static async open(): Promise<AuditBench> {
    const { site, sources } = busySite(200);
    const proxy = sources[1] as RecordingSource;
    refuseSender(proxy);
    proxy.write('connection-opened', {
      connection: 3,
      partner: 'globex',
      certificate: Buffer.alloc(32, 0xab),
      names: ['sip.globex.example'],
      source: '192.0.2.7',
    });
    proxy.seal();
    site.checkpoint();
    return new AuditBench(await CommandBench.open(), site, proxy);
  }

  useOwnLedger(): void {
    this.useLedger({ reader: this.site.ledger, keys: this.site.publicKeys });
  }

  useLedger(given: Omit<LedgerAccess, 'otherCallIds'> | undefined): void {
    const ledger = given && {
      ...given,
      otherCallIds: (callId: string, partners: readonly string[]) =>
        otherCallIds(callId, partners, TOKENS),
    };
    Object.assign(this.bench.context, { ledger });
  }

  close(): Promise<void> {
    return this.bench.close();
  }

  /** All pages of a command, as the command line asks for them. */
  async pages<T>(command: AnyCommand, parameters: Record<string, unknown>): Promise<readonly T[]> {
    const pages: T[] = [];
    let asked: unknown = parameters;
    for (;;) {
      const words = command.words as [string, string];
      const answered = await this.bench.ask(words, asked as Record<string, unknown>);
      assert.ok(answered.ok, JSON.stringify(answered.error));
      pages.push(answered.answer as T);
      const next = command.pages?.next(asked, answered.answer);
      if (next === undefined) return pages;
      asked = next.parameters;
    }
  }

  async exported(parameters: Record<string, unknown>): Promise<Buffer> {
    const given = { out: true, ...parameters };
    const pages = await this.pages<Exported>(auditExport as AnyCommand, given);
    return Buffer.concat(pages.map(({ bytes }) => Buffer.from(bytes, 'base64')));
  }
}
