import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PairProcess } from '../../test/integration/support/pair-process.ts';
import type { PostgresServer } from '../../test/peers/support/postgres-server.ts';

const MIB = 1_048_576;

/** What stays in a gateway's heap after a collection, which it is asked for. */
export async function heapOf(
  node: string,
  gateway: PairProcess,
): Promise<Readonly<Record<string, number>>> {
  const since = gateway.lines.length;
  gateway.child.kill('SIGUSR2');
  const told = await gateway.line('heap', undefined, since);
  const figure = (name: string) => Number(told[name]);
  return {
    [`${node} heap KiB`]: Math.round(figure('heapUsed') / 1024),
    [`${node} external KiB`]: Math.round(figure('external') / 1024),
    [`${node} timers`]: figure('timers'),
  };
}

/** Octets in journal and spool of a host. */
export function storedMiB(bundle: string): number {
  const octets = ['run', 'spool'].reduce((sum, name) => sum + octetsIn(join(bundle, name)), 0);
  return Math.round(octets / MIB);
}

/** Connections of gateways to their database, and the size of its tables; nothing while it is away. */
export function databaseGauges(database: PostgresServer): Readonly<Record<string, number>> {
  try {
    const [connections, records, octets] = database
      .sql(
        'sallyport',
        `select (select count(*) from pg_stat_activity where usename = 'sallyport'),
           (select count(*) from audit_entry), pg_database_size('sallyport')`,
      )
      .split('|')
      .map(Number);
    return {
      'database connections': connections ?? -1,
      'database MiB': Math.round((octets ?? 0) / MIB),
      records: records ?? -1,
    };
  } catch {
    return {};
  }
}

function octetsIn(folder: string): number {
  let octets = 0;
  for (const name of namesBelow(folder)) {
    octets += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return octets;
}

function namesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
}
