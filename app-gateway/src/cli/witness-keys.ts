import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';

/** Each host's key for sealing audit records and witnessing the ledger: PKCS#8 PEM by node. */
export type WitnessKeys = ReadonlyMap<string, string>;

const FOLDER = 'keys';

/**
 * Reads the witness keys of a site's hosts, and makes those that are missing.
 *
 * A host keeps its key for as long as it is of the site: with another one, all that it sealed before would have to be
 * proved with the old.
 */
export async function witnessKeys(folder: string, nodes: readonly string[]): Promise<WitnessKeys> {
  await mkdir(join(folder, FOLDER), { recursive: true, mode: 0o700 });
  const keys = new Map<string, string>();
  for (const node of nodes) {
    keys.set(node, await witnessKey(join(folder, FOLDER, `witness-${node}.key`)));
  }
  return keys;
}

/** The same without writing anything: a host that has no key yet gets one that nobody keeps. */
export async function readWitnessKeys(
  folder: string,
  nodes: readonly string[],
): Promise<WitnessKeys> {
  const keys = new Map<string, string>();
  for (const node of nodes) {
    const kept = await readFile(join(folder, FOLDER, `witness-${node}.key`), 'utf8').catch(
      () => undefined,
    );
    keys.set(node, kept ?? freshKey());
  }
  return keys;
}

/** What gateways, and auditors, prove seals with: 32 octets in base64 by node. */
export function witnessesJson(keys: WitnessKeys): string {
  const publicKeys = [...keys].map(([node, pem]) => [
    node,
    rawPublicKey(createPublicKey(createPrivateKey(pem))).toString('base64'),
  ]);
  return `${JSON.stringify(Object.fromEntries(publicKeys), undefined, 2)}\n`;
}

async function witnessKey(path: string): Promise<string> {
  const fresh = freshKey();
  try {
    await writeFile(path, fresh, { mode: 0o600, flag: 'wx' });
    return fresh;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      return await readFile(path, 'utf8');
    }
    throw cause;
  }
}

function freshKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
