import type { RecordRouteScheme } from '@sallyport/shared/sip/proxy/record-route.ts';
import { type HidingContext, ownUri } from '../hiding/contact-hiding.ts';
import type { OwnName } from '../signalling.ts';

/**
 * Our Record-Route line as the given side sees it: the name it knows us by outside, the inner one inside (RFC 5658 §3).
 *
 * The token in it brings an in-dialog request back to the right partner and community at any gateway. `flow` is the
 * connection that the dialog came over, for dialogs that a partner began. What a partner is shown carries the inner route set
 * too: that stands for the whole dialog (§12.2), while a Contact is replaced by every re-INVITE, UPDATE or NOTIFY.
 */
export function ownRecordRoute(
  side: 'outside' | 'inside',
  scheme: RecordRouteScheme,
  hiding: HidingContext,
  flow: string,
  ownName: OwnName,
): string {
  const { tokens, partner, community, routes } = hiding;
  const bare = { kind: 'route', partner, community, value: '', routes: [] } as const;
  const full = side === 'inside' ? { ...bare, value: flow } : { ...bare, routes };
  const whole = tokens.seal(full);
  // An inner route that is too long to hide is left out: requests then go by the community's own servers.
  const token = whole.ok ? whole : tokens.seal(bare);
  // A name of ours is short: only a bug of ours makes it otherwise.
  if (!token.ok) throw new Error(token.error);
  return `Record-Route: <${ownUri(scheme, token.value, ownName)};lr>\r\n`;
}
