import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import { errorCode } from '@sallyport/shared/error-code.ts';
import { dayText } from '@sallyport/shared/io/time-text.ts';
import {
  type FormerWitnesses,
  parseFormerWitnesses,
} from '../../adapters/files/former-witnesses.ts';
import { jsonText } from '../files/planned-file.ts';
import { replaceFile } from '../files/whole-file.ts';
import { keptKey } from './kept-key.ts';

/** Each host's key for sealing audit records and witnessing the ledger: PKCS#8 PEM by node. */
export type WitnessKeys = ReadonlyMap<string, string>;

const FOLDER = 'keys';
const FORMER_FILE = 'former-witnesses.json';
const KEY_FILE = /^witness-(.+)\.key$/;

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
    keys.set(node, await keptKey(join(folder, FOLDER, `witness-${node}.key`), freshKey()));
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
  return jsonText(Object.fromEntries([...keys].map(([node, pem]) => [node, publicText(pem)])));
}

/**
 * The public keys of hosts that were taken out of the site: what they sealed is proved with these as long as it is kept.
 *
 * Remembered in the site's folder, with the day (UTC) on which bundles were first written without the host. Throws
 * where a host of the site has another key than the former one of its name: its old seals could not be proved.
 * Without `remembers` nothing is written.
 */
export async function formerWitnesses(
  folder: string,
  current: WitnessKeys,
  nowMs: number,
  remembers = true,
): Promise<FormerWitnesses> {
  const path = join(folder, FOLDER, FORMER_FILE);
  const former = new Map(Object.entries(parseFormerWitnesses(await textOf(path))));
  const since = dayText(nowMs);
  for (const file of await readdir(join(folder, FOLDER))) {
    const node = KEY_FILE.exec(file)?.[1];
    if (node === undefined || current.has(node) || former.has(node)) continue;
    const pem = await readFile(join(folder, FOLDER, file), 'utf8');
    former.set(node, { key: publicText(pem), since });
  }
  for (const [node, pem] of current) {
    const known = former.get(node);
    if (known !== undefined && known.key !== publicText(pem)) {
      throw new Error(`${node} had another witness key before; give the host another name`);
    }
    former.delete(node);
  }
  const sorted = Object.fromEntries([...former].sort(([a], [b]) => (a < b ? -1 : 1)));
  if (remembers) replaceFile(path, jsonText(sorted), 0o600);
  return sorted;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return '{}';
    throw cause;
  }
}

function publicText(pem: string): string {
  return rawPublicKey(createPublicKey(createPrivateKey(pem))).toString('base64');
}

function freshKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
