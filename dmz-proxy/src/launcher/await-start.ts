import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { decodeProxyConfig, type ProxyConfig } from '../bundle/proxy-config.ts';
import { awaitHealth, isMainAlive } from './await-health.ts';

/** Waits until the proxy of a bundle answers on its health port, or its process is gone; the exit code says which. */
export async function awaitStart(folder: string, mainPid: string | undefined): Promise<void> {
  const config = configIn(folder);
  const found =
    config === undefined ? 'unknown' : await awaitHealth(config.health, () => isMainAlive(mainPid));
  if (found === 'up') return;
  const why = {
    ended: 'the program has ended',
    silent: 'its health port does not answer',
    unknown: 'proxy.json cannot be read',
  }[found];
  process.stderr.write(`${folder}: ${why}; its log says more\n`);
  process.exitCode = 1;
}

/** What is wrong with it the program itself has said by now. */
function configIn(folder: string): ProxyConfig | undefined {
  try {
    const config = decodeProxyConfig(readFileSync(join(folder, 'proxy.json')));
    return config.ok ? config.value : undefined;
  } catch {
    return undefined;
  }
}
