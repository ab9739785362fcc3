import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '@sallyport/shared/error-code.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import {
  type ChannelIdentity,
  parseChannelIdentity,
} from '@sallyport/shared/x509/channel-identity.ts';
import { causeOf, failure, type Outcome } from '../outcome.ts';

const ROLES = [
  ['proxy.json', 'proxy'],
  ['gateway.json', 'gateway'],
] as const;

/** Which host of which site a bundle folder is for, whatever else it lacks. */
export async function bundleIdentity(bundle: string): Promise<Result<ChannelIdentity, Outcome>> {
  for (const [file, role] of ROLES) {
    const text = await settingsText(join(bundle, file));
    if (!text.ok) return text;
    if (text.value === undefined) continue;
    const { site, node } = settingsIn(text.value);
    const identity = parseChannelIdentity(`urn:sallyport:${site}:${role}:${node}`);
    return identity === undefined
      ? err(failure(`${join(bundle, file)} names no site and node`, 'write the bundle anew'))
      : ok(identity);
  }
  return err(
    failure(
      `${bundle} is no bundle: it has neither proxy.json nor gateway.json`,
      'give one of the folders that "sallyport bundle DIR" writes below DIR/hosts',
    ),
  );
}

/** Undefined where there is no such file; one that cannot be read makes a bundle all the same. */
async function settingsText(path: string): Promise<Result<string | undefined, Outcome>> {
  try {
    return ok(await readFile(path, 'utf8'));
  } catch (cause) {
    const code = errorCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return ok(undefined);
    return err(
      failure(
        `${path} cannot be read: ${causeOf(cause)}`,
        'give the command as root, or as the user whose bundle it is (sudo -u …)',
      ),
    );
  }
}

/** Name of the file with a host's settings. */
export function settingsFile(role: ChannelIdentity['role']): string {
  return role === 'proxy' ? 'proxy.json' : 'gateway.json';
}

function settingsIn(text: string): { readonly site: string; readonly node: string } {
  try {
    const settings = Object(JSON.parse(text)) as Record<string, unknown>;
    return { site: String(settings['site']), node: String(settings['node']) };
  } catch {
    return { site: '', node: '' };
  }
}
