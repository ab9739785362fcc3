import { createPublicKey } from 'node:crypto';
import { resolve } from 'node:path';
import { publicKeyOfRaw, RAW_KEY_BYTES } from '@sallyport/shared/audit/raw-key.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { spkiBase64 } from '@sallyport/shared/x509/spki.ts';
import type { KnownKeys } from '../../doctor/proof.ts';
import { readBounded } from '../files/read-bounded.ts';

const FILE_BYTES_MAX = 262_144;

/** Keys whose signatures count: `witnesses.json` of a gateway’s bundle, and operators’ public keys in PEM. */
export function knownKeys(
  files: readonly string[],
  folder: string,
): Result<KnownKeys, { readonly file: string; readonly why: string }> {
  const nodes = new Map<string, string>();
  const operators = new Set<string>();
  for (const file of files) {
    const bytes = readBounded(resolve(folder, file), FILE_BYTES_MAX);
    if (!bytes.ok) return err({ file, why: bytes.error });
    const text = bytes.value.toString('utf8');
    const isRead = text.trimStart().startsWith('{')
      ? addNodes(text, nodes)
      : addOperator(text, operators);
    if (!isRead) return err({ file, why: 'holds no Ed25519 public keys' });
  }
  return ok({ nodes, operators });
}

function addOperator(pem: string, operators: Set<string>): boolean {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') return false;
    operators.add(spkiBase64(key));
    return true;
  } catch {
    return false;
  }
}

function addNodes(text: string, nodes: Map<string, string>): boolean {
  try {
    const entries = Object.entries(Object(JSON.parse(text)) as Record<string, unknown>);
    for (const [node, value] of entries) {
      const raw = Buffer.from(typeof value === 'string' ? value : '', 'base64');
      if (raw.length !== RAW_KEY_BYTES) return false;
      nodes.set(node, spkiBase64(publicKeyOfRaw('Ed25519', raw)));
    }
    return entries.length > 0;
  } catch {
    return false;
  }
}
