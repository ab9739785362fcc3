import type { KeyObject } from 'node:crypto';
import { rawPublicKey } from '@sallyport/shared/audit/raw-key.ts';
import type { GatewayBundle } from './adapters/files/gateway-bundle.ts';
import type { LedgerAccess } from './commands/command-context.ts';
import { ledgerOrigin, ledgerSigningKey } from './domain/ledger-keys.ts';
import type { LedgerReader } from './ports/ledger-reader.ts';

/** The ledger as commands read it; undefined where the bundle knows no witnesses. What was written stays readable when auditing is off. */
export function ledgerAccess(
  { site, clusterKey, witness }: Pick<GatewayBundle, 'site' | 'clusterKey' | 'witness'>,
  reader: LedgerReader | undefined,
): LedgerAccess | undefined {
  if (reader === undefined || witness === undefined) return undefined;
  const witnesses = [...witness.publicKeys].map(([node, key]) => [node, keyText(key)] as const);
  const former = Object.entries(witness.former);
  return {
    reader,
    keys: {
      origin: ledgerOrigin(site),
      ledger: keyText(ledgerSigningKey(clusterKey)),
      witnesses: Object.fromEntries([
        ...witnesses,
        ...former.map(([node, { key }]) => [node, key] as const),
      ]),
      ...(former.length > 0 && {
        former: Object.fromEntries(former.map(([node, { since }]) => [node, since])),
      }),
    },
  };
}

function keyText(key: KeyObject): string {
  return rawPublicKey(key).toString('base64');
}
