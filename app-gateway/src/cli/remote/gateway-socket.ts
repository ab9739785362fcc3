import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { ADMIN_SOCKET } from '../../commands/admin-protocol.ts';
import type { CommandRefusal } from '../../commands/command-refusal.ts';
import type { Surroundings } from '../surroundings.ts';

/** How an operator says which gateway is meant. */
export interface GatewayChoice {
  readonly socket?: string;
  readonly bundle?: string;
}

const GATEWAY_FILE = 'gateway.json';

/** The socket of the gateway that is meant: by option, by environment, or because there is only one here. */
export function gatewaySocket(
  { socket, bundle }: GatewayChoice,
  { folder, bundle: usual }: Pick<Surroundings, 'folder' | 'bundle'>,
): Result<string, CommandRefusal> {
  if (socket !== undefined) return ok(resolve(folder, socket));
  const named = bundle ?? usual;
  if (named !== undefined) {
    const path = resolve(folder, named);
    return existsSync(join(path, GATEWAY_FILE))
      ? ok(join(path, ADMIN_SOCKET))
      : err(noBundle(named));
  }
  const found = bundlesBelow(folder);
  const [only] = found;
  return only !== undefined && found.length === 1
    ? ok(join(only, ADMIN_SOCKET))
    : err(notClear(found));
}

/** This folder, or those below its `hosts`, that are bundles of a gateway. */
function bundlesBelow(folder: string): readonly string[] {
  if (existsSync(join(folder, GATEWAY_FILE))) return [folder];
  const hosts = join(folder, 'hosts');
  if (!existsSync(hosts)) return [];
  return readdirSync(hosts)
    .sort()
    .map((name) => join(hosts, name))
    .filter((path) => existsSync(join(path, GATEWAY_FILE)));
}

function noBundle(named: string): CommandRefusal {
  return {
    code: 'bundle-unknown',
    message: `${named} is no bundle of a gateway: it has no ${GATEWAY_FILE}`,
    next: 'give the folder that the gateway runs with, such as site/hosts/gateway-1',
  };
}

function notClear(found: readonly string[]): CommandRefusal {
  return {
    code: 'gateway-unclear',
    message:
      found.length === 0
        ? 'there is no bundle of a gateway here'
        : `there are several gateways here: ${found.join(', ')}`,
    next: 'name it: --bundle site/hosts/gateway-1, or SALLYPORT_BUNDLE, or --socket PATH',
  };
}
