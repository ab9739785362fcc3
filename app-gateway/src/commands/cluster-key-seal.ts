import { createKeyFileSeal } from '@sallyport/certs/sealed-key.ts';
import { derive } from '../domain/derived-key.ts';
import type { KeySeal } from './command-context.ts';

/** Seals under a key that all gateways of a site can make, since all have the cluster key, and no database has. */
export function clusterKeySeal(clusterKey: Buffer): KeySeal {
  return createKeyFileSeal(derive(clusterKey, 'sallyport private keys in the database'));
}

/** Seals the keys of days, with which recorded bodies are read. */
export function dayKeySeal(clusterKey: Buffer): KeySeal {
  return createKeyFileSeal(derive(clusterKey, 'sallyport audit day keys'));
}
