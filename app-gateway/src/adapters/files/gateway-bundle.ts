import { createPrivateKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publicKeyOfRaw, RAW_KEY_BYTES } from '@sallyport/shared/audit/raw-key.ts';
import { errorCode } from '@sallyport/shared/error-code.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { type FormerWitnesses, parseFormerWitnesses } from './former-witnesses.ts';

/** What a gateway host has on disk beside the site's own files. */
export interface GatewayBundle {
  readonly folder: string;
  readonly site: string;
  readonly node: string;
  readonly channel: {
    readonly certificatePem: string;
    readonly keyPem: string;
    readonly caPem: string;
  };
  /** The authority that issues channel certificates, its key sealed; absent in bundles of before. */
  readonly channelIssuing?: { readonly certificatePem: string; readonly sealedKey: string };
  /** Overrides the days in `site.yaml`; for tests, where a week is too long. */
  readonly channelCertificateLifeMs?: number | undefined;
  readonly snapshotSigningKey: KeyObject;
  readonly clusterKey: Buffer;
  /** Seals this node's audit records, and what proves those of the others; absent in bundles of before. */
  readonly witness?: {
    readonly privateKey: KeyObject;
    /** Ed25519, by node: every proxy and every gateway of the site. */
    readonly publicKeys: ReadonlyMap<string, KeyObject>;
    /** What proves what hosts sealed that are no longer of the site; empty in bundles of before. */
    readonly former: FormerWitnesses;
  };
}

const schema = z.strictObject({
  site: z.string().min(1),
  node: z.string().min(1),
  channelCertificateLifeMs: z.int().min(5000).max(7_776_000_000).optional(),
});
const CLUSTER_KEY_BYTES = 32;

/** Reads a bundle folder; the error says which file is wrong and what to do. */
export function readGatewayBundle(folder: string): Result<GatewayBundle, string> {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  try {
    const settings = schema.safeParse(JSON.parse(read('gateway.json')));
    if (!settings.success) return err(`gateway.json: ${z.prettifyError(settings.error)}`);
    const clusterKey = Buffer.from(read('cluster.key').trim(), 'base64');
    if (clusterKey.length !== CLUSTER_KEY_BYTES) {
      return err('cluster.key: must hold 32 bytes in base64; write the bundle anew');
    }
    return ok({
      folder,
      ...settings.data,
      channel: {
        certificatePem: read('channel.crt'),
        keyPem: read('channel.key'),
        caPem: read('channel-ca.crt'),
      },
      ...(existsSync(join(folder, 'channel-issuing.crt')) && {
        channelIssuing: {
          certificatePem: read('channel-issuing.crt'),
          sealedKey: read('channel-issuing.key').trim(),
        },
      }),
      snapshotSigningKey: createPrivateKey(read('snapshot-signing.key')),
      clusterKey,
      ...(existsSync(join(folder, 'witness.key')) && {
        witness: {
          privateKey: createPrivateKey(read('witness.key')),
          publicKeys: witnessKeys(read('witnesses.json')),
          former: existsSync(join(folder, 'former-witnesses.json'))
            ? parseFormerWitnesses(read('former-witnesses.json'))
            : {},
        },
      }),
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unreadable';
    return err(`${folder}: ${reason}; ${remedyOf(cause)}`);
  }
}

/** What would be written anew as it is helps nobody who may not read it. */
export function remedyOf(cause: unknown): string {
  return errorCode(cause) === 'EACCES'
    ? 'the user that the gateway runs as must be able to read it: see to owner and mode'
    : 'write the bundle anew with "sallyport bundle"';
}

/** Throws what is wrong with it. */
function witnessKeys(text: string): ReadonlyMap<string, KeyObject> {
  const keys = z.record(z.string(), z.string()).parse(JSON.parse(text));
  return new Map(
    Object.entries(keys).map(([node, base64]) => {
      const raw = Buffer.from(base64, 'base64');
      if (raw.length !== RAW_KEY_BYTES) throw new Error(`witnesses.json: the key of ${node}`);
      return [node, publicKeyOfRaw('Ed25519', raw)];
    }),
  );
}
