import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { isMlDsa } from '@sallyport/shared/x509/ml-dsa.ts';
import { decodePem, encodePem } from '@sallyport/shared/x509/pem.ts';
import { spkiSha256 } from '@sallyport/shared/x509/spki.ts';
import { type NamedFiles, textOf } from '../../config/named-files.ts';
import type {
  IdentityKey,
  IdentityRecord,
} from '../../domain/exchange/identity/identity-record.ts';
import { fieldDifferences, type ImportTools, type RecordDifference } from './record-difference.ts';

/** An identity as `site.yaml` has it, with its place in the list. */
export interface FileIdentity {
  readonly name: string;
  readonly serverNames: readonly string[];
  readonly chain: string;
  readonly key: string;
  readonly position: number;
}

/** What the files make of one of our identities; undefined where nothing differs. */
export function importIdentity(
  known: IdentityRecord | undefined,
  file: FileIdentity,
  named: NamedFiles,
  tools: ImportTools,
): { readonly record: IdentityRecord; readonly difference: RecordDifference } | undefined {
  const { name, serverNames, position } = file;
  const record: IdentityRecord = {
    name,
    serverNames,
    position,
    keys: keysWith(known, file, named, tools),
  };
  const fields = fieldDifferences(
    known === undefined ? {} : shownFields(known),
    shownFields(record),
  );
  if (fields.length === 0) return undefined;
  const kind = known === undefined ? 'added' : 'changed';
  return { record, difference: { subject: `identity/${name}`, kind, fields } };
}

/**
 * A key that is not known becomes the one in use, and the one before is retired; of one in use or next the
 * certificate is taken over where it is another. A key that was retired stays so: an old file brings it not back.
 */
function keysWith(
  known: IdentityRecord | undefined,
  file: FileIdentity,
  named: NamedFiles,
  tools: ImportTools,
): readonly IdentityKey[] {
  const keys = known?.keys ?? [];
  const key = createPrivateKey(textOf(named, file.key) ?? '');
  const chain = decodePem(textOf(named, file.chain) ?? '', 'CERTIFICATE');
  const spki = spkiSha256(key);
  const certified = certifiedBy(chain);
  const same = keys.find((one) => one.spki === spki);
  if (same !== undefined) {
    if (same.state === 'retired' || same.state === 'requested') return keys;
    return keys.map((one) => (one === same ? { ...one, ...certified } : one));
  }
  const id = `k${Math.max(0, ...keys.map((one) => Number(one.id.slice(1)) || 0)) + 1}`;
  const pkcs8 = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const fresh: IdentityKey = {
    id,
    state: 'active',
    kind: kindOf(key),
    spki,
    ...certified,
    sealedKey: tools.seal(pkcs8, `${file.name}/${id}`),
    createdAtMs: tools.nowMs,
    activatedAtMs: tools.nowMs,
  };
  const others = keys.map((one): IdentityKey => {
    return one.state === 'active' ? { ...one, state: 'retired', retiredAtMs: tools.nowMs } : one;
  });
  return [...others, fresh];
}

/** What the chain says; its last certificate is what partners need where it is self-signed. */
function certifiedBy(
  chain: readonly Buffer[],
): Pick<IdentityKey, 'chainPem' | 'anchorsPem' | 'notAfterMs'> {
  const chainPem = chain.map((der) => encodePem(der, 'CERTIFICATE')).join('');
  const leaf = parseCertificate(chain[0] ?? Buffer.alloc(0));
  const lastDer = chain.at(-1);
  const last = parseCertificate(lastDer ?? Buffer.alloc(0));
  const isRoot = last.ok && last.value.issuer.equals(last.value.subject);
  return {
    chainPem,
    ...(isRoot && lastDer !== undefined ? { anchorsPem: encodePem(lastDer, 'CERTIFICATE') } : {}),
    ...(leaf.ok && Number.isFinite(leaf.value.notAfterMs)
      ? { notAfterMs: leaf.value.notAfterMs }
      : {}),
  };
}

function kindOf({ asymmetricKeyType: type, asymmetricKeyDetails }: KeyObject) {
  if (type === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ec-p256';
  if (type !== undefined && isMlDsa(type)) return type;
  if (type !== 'rsa') return 'other';
  if (asymmetricKeyDetails?.modulusLength === 2048) return 'rsa-2048';
  return asymmetricKeyDetails?.modulusLength === 3072 ? 'rsa-3072' : 'other';
}

/** What people see of a record: keys by what is public, never the sealed half. */
function shownFields({ serverNames, position, keys }: IdentityRecord) {
  return {
    serverNames,
    position,
    keys: keys.map(({ id, state, kind, spki, chainPem, notAfterMs }) => ({
      id,
      state,
      kind,
      spki,
      notAfterMs: notAfterMs ?? null,
      certificate:
        chainPem === undefined ? null : createHash('sha256').update(chainPem).digest('hex'),
    })),
  };
}
