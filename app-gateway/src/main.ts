import { resolve } from 'node:path';
import process from 'node:process';
import { jsonLog } from '@sallyport/shared/io/json-log.ts';
import { readGatewayBundle } from './adapters/files/gateway-bundle.ts';
import { programVersion } from './program-version.ts';

/** Reads the bundle, says what starts, and runs it. */
async function main(folder: string): Promise<number> {
  const write = (line: string) => process.stdout.write(line);
  const bundle = readGatewayBundle(folder);
  if (!bundle.ok) {
    jsonLog(write, {}, Date.now).error('bundle-refused', { reason: bundle.error });
    return 1;
  }
  const { site, node } = bundle.value;
  const log = jsonLog(write, { program: 'app-gateway', node }, Date.now);
  log.info('starting', { site, bundle: bundle.value.folder, version: programVersion() });
  // Most of the time until the ports are open goes into reading the program: whoever looks at the log meanwhile must
  // not find it empty.
  const { runGateway } = await import('./gateway/run-gateway.ts');
  return await runGateway(bundle.value, log, process.env);
}

// Whoever reads our log may go away: lines are lost then, and nothing else.
process.stdout.on('error', () => undefined);
process.exitCode = await main(resolve(process.argv[2] ?? '.'));
