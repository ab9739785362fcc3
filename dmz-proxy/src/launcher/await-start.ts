import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { decodeProxyConfig } from '../bundle/proxy-config.ts';
import { awaitHealth, isMainAlive } from './await-health.ts';

/** Waits until the proxy of a bundle answers on its health port, or its process is gone; the exit code says which. */
export async function awaitStart(folder: string, mainPid: string | undefined): Promise<void> {
  const config = decodeProxyConfig(readFileSync(join(folder, 'proxy.json')));
  const found = config.ok
    ? await awaitHealth(config.value.health, () => isMainAlive(mainPid))
    : 'unknown';
  if (found === 'up') return;
  const why = {
    ended: 'the program has ended',
    silent: 'its health port does not answer',
    unknown: 'proxy.json cannot be read',
  }[found];
  process.stderr.write(`${folder}: ${why}; its log says more\n`);
  process.exitCode = 1;
}
