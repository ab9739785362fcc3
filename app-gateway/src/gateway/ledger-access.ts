import type { GatewayBundle } from '../adapters/files/gateway-bundle.ts';
import type { LedgerAccess } from '../commands/command-context.ts';
import { otherCallIds } from '../domain/hiding/call-id-masking.ts';
import { keyText, ledgerOrigin, ledgerSigningKey } from '../domain/ledger-keys.ts';
import { RouteTokens } from '../domain/route-token.ts';
import type { LedgerReader } from '../ports/ledger-reader.ts';

/** What there is for commands besides reading, where auditing is on. */
type Desks = Pick<LedgerAccess, 'holds' | 'bodies' | 'rebuild'>;

/**
 * The ledger as commands read it; undefined where the bundle knows no witnesses. What was written stays readable when
 * auditing is off. `witness` is asked each time: a reload brings those of new hosts.
 */
export function ledgerAccess(
  { site, clusterKey }: Pick<GatewayBundle, 'site' | 'clusterKey'>,
  witness: () => GatewayBundle['witness'],
  reader: LedgerReader | undefined,
  desks: Desks = {},
): LedgerAccess | undefined {
  if (reader === undefined || witness() === undefined) return undefined;
  const own = { origin: ledgerOrigin(site), ledger: keyText(ledgerSigningKey(clusterKey)) };
  const tokens = new RouteTokens(clusterKey);
  return {
    reader,
    ...desks,
    otherCallIds: (callId, partners) => otherCallIds(callId, partners, tokens),
    get keys() {
      return { ...own, ...witnessKeys(witness()) };
    },
  };
}

function witnessKeys(
  witness: GatewayBundle['witness'],
): Pick<LedgerAccess['keys'], 'witnesses' | 'former'> {
  const former = Object.entries(witness?.former ?? {});
  return {
    witnesses: Object.fromEntries([
      ...[...(witness?.publicKeys ?? [])].map(([node, key]) => [node, keyText(key)] as const),
      ...former.map(([node, { key }]) => [node, key] as const),
    ]),
    ...(former.length > 0 && {
      former: Object.fromEntries(former.map(([node, { since }]) => [node, since])),
    }),
  };
}
