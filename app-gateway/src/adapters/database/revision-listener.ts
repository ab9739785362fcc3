import { randomBytes } from 'node:crypto';
import { retryDelayMs } from '@sallyport/shared/channel/back-off.ts';
import type pg from 'pg';
import { REVISION_CHANNEL } from './sql-state-store.ts';

/** How often a connection that heard nothing is asked whether it still lives. */
const PROBE_MS = 30_000;
const READ_REVISION = 'select revision from site_revision';

/**
 * Hears of changes by other gateways: a connection of its own that listens (LISTEN), and dials again with
 * growing pauses when it is lost.
 *
 * After every dial, and twice a minute, the revision itself is read: what was announced while nobody listened
 * is heard then.
 */
export class RevisionListener {
  readonly #connect: () => pg.Client;
  readonly #changed: (revision: number) => void;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #attempt = 0;
  #isStopped = false;

  constructor(connect: () => pg.Client, changed: (revision: number) => void) {
    this.#connect = connect;
    this.#changed = changed;
  }

  /** Resolves after the first try, whatever came of it. */
  async start(): Promise<void> {
    await this.#dial();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#drop();
  }

  async #dial(): Promise<void> {
    const client = this.#connect();
    this.#client = client;
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    client.on('notification', ({ payload }) => this.#heard(Number(payload)));
    try {
      await client.connect();
      await client.query(`listen ${REVISION_CHANNEL}`);
      await this.#probe(client);
      this.#attempt = 0;
    } catch {
      this.#lost(client);
    }
  }

  async #probe(client: pg.Client): Promise<void> {
    const { rows } = await client.query<{ readonly revision: number }>(READ_REVISION);
    if (this.#client !== client || this.#isStopped) return;
    this.#heard(rows[0]?.revision ?? 0);
    this.#after(PROBE_MS, () => this.#probe(client).catch(() => this.#lost(client)));
  }

  #heard(revision: number): void {
    if (Number.isSafeInteger(revision) && !this.#isStopped) this.#changed(revision);
  }

  #lost(client: pg.Client): void {
    if (this.#client !== client || this.#isStopped) return;
    void this.#drop();
    this.#attempt += 1;
    const random = randomBytes(4).readUInt32BE(0) / 2 ** 32;
    this.#after(retryDelayMs(this.#attempt, random), () => this.#dial());
  }

  #after(delayMs: number, action: () => Promise<void>): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void action(), delayMs);
    this.#timer.unref();
  }

  async #drop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    // Its end is of no interest any more, whether it goes well or not.
    await client?.end().catch(() => undefined);
  }
}
