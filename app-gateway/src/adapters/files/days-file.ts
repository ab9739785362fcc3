import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { DaysMemory, ReadOfDays } from '../../ledger/days-on-record.ts';
import { replaceDurably } from './durable-file.ts';

const NAME = 'days';
const base64 = z.base64().transform((text) => Buffer.from(text, 'base64'));
const schema = z.strictObject({
  types: z.array(z.int()).default([]),
  sinceMs: z.int().min(0).default(0),
  readTo: z.int().min(0),
  lastLeaf: base64,
  told: z.array(
    z.strictObject({
      index: z.int().min(0),
      source: z.strictObject({
        node: z.string(),
        worker: z.int().min(0).max(255),
        epoch: z
          .string()
          .regex(/^\d{1,20}$/)
          .transform(BigInt),
      }),
      record: base64,
      isSealed: z.boolean(),
    }),
  ),
});

/**
 * What a gateway has read of days and holds, in a file of its own. One that is gone, or is none, costs reading the ledger once
 * more; a disk that takes nothing stops nobody here, the journal says so.
 */
export class DaysFile implements DaysMemory {
  readonly #path: string;
  #written = '';

  /** In this folder. */
  constructor(folder: string) {
    this.#path = join(folder, NAME);
  }

  async read(): Promise<ReadOfDays | undefined> {
    try {
      this.#written = await readFile(this.#path, 'utf8');
      return schema.parse(JSON.parse(this.#written));
    } catch {
      return undefined;
    }
  }

  async replace({ types, sinceMs, readTo, lastLeaf, told }: ReadOfDays): Promise<void> {
    const text = JSON.stringify({
      types,
      sinceMs,
      readTo,
      lastLeaf: lastLeaf.toString('base64'),
      told: told.map(({ index, source, record, isSealed }) => ({
        index,
        source: { ...source, epoch: source.epoch.toString() },
        record: record.toString('base64'),
        isSealed,
      })),
    });
    if (text === this.#written) return;
    // What is not kept is read again after the next start.
    if (await replaceDurably(this.#path, text)) this.#written = text;
  }
}
