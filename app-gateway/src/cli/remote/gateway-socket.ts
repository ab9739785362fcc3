import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errorCode } from '@sallyport/shared/error-code.ts';
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
  { folder, bundle: usual, installed }: Pick<Surroundings, 'folder' | 'bundle' | 'installed'>,
): Result<string, CommandRefusal> {
  if (socket !== undefined) return ok(resolve(folder, socket));
  const named = bundle ?? usual;
  if (named !== undefined) {
    const path = resolve(folder, named);
    const standing = standingOf(path);
    return standing === 'bundle' ? ok(join(path, ADMIN_SOCKET)) : err(noBundle(named, standing));
  }
  const here = standingOf(folder) === 'bundle' ? [folder] : bundlesBelow(join(folder, 'hosts'));
  const found = here.length > 0 ? here : bundlesBelow(installed);
  const [only] = found;
  return only !== undefined && found.length === 1
    ? ok(join(only, ADMIN_SOCKET))
    : err(notClear(found));
}

/** None where there is no such folder, or one that we may not look into. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

type Standing = 'bundle' | 'shut' | 'other';

/** What a folder is, as far as we may look. */
function standingOf(folder: string): Standing {
  try {
    statSync(join(folder, GATEWAY_FILE));
    return 'bundle';
  } catch (cause) {
    return errorCode(cause) === 'EACCES' ? 'shut' : 'other';
  }
}

/** Names beside a bundle for the one before and the one to come (`sallyport-gateway-bundle`; hidden ones are `sallyport bundle`'s). */
const NOT_IN_PLACE = /^\.|\.(?:former|new)$/;

/** Bundles of gateways in a folder of bundles. */
function bundlesBelow(folder: string): readonly string[] {
  return namesIn(folder)
    .filter((name) => !NOT_IN_PLACE.test(name))
    .toSorted()
    .map((name) => join(folder, name))
    .filter((path) => standingOf(path) === 'bundle');
}

function noBundle(named: string, standing: Standing): CommandRefusal {
  if (standing === 'shut') {
    return {
      code: 'gateway-forbidden',
      message: `no right to look into ${named}`,
      next: 'give the command as root, or as the user that the gateway runs as (sudo -u …)',
    };
  }
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
        ? 'there is no bundle of a gateway here, or none that you may read'
        : `there are several gateways here: ${found.join(', ')}`,
    next: 'name it: --bundle site/hosts/gateway-1, or SALLYPORT_BUNDLE, or --socket PATH',
  };
}
