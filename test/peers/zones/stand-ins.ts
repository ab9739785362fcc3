import { join } from 'node:path';
import type { Stage } from '../support/stage.ts';
import type { ZoneNetwork } from './zone-network.ts';

/** Has every host of a network answer on every socket that the plan gives it, whatever would run there. */
export async function answerEverywhere(stage: Stage, network: ZoneNetwork): Promise<void> {
  const { hosts, sockets } = network.plan;
  for (const { name } of hosts.filter(({ zone }) => zone !== 'internet')) {
    const own = sockets.filter(({ host }) => host === name);
    const program = join(import.meta.dirname, 'answer-everywhere.ts');
    await stage.start(
      {
        name: `servers-of-${name}`,
        ...network.at(name).command(process.execPath, [program, JSON.stringify(own)]),
      },
      ({ log }) => log.includes('ready'),
    );
  }
}
