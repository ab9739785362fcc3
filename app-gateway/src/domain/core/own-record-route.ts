import type { OwnName } from '../../ports/signalling.ts';
import { type HidingContext, ownUri } from '../hiding/contact-hiding.ts';

/**
 * Our Record-Route line as the given side sees it: the name it knows us by outside, the inner one inside (RFC 5658 §3).
 *
 * The token in it brings an in-dialog request back to the right partner and community at any gateway. `flow` is the
 * connection that the dialog came over, for dialogs that a partner began.
 */
export function ownRecordRoute(
  side: 'outside' | 'inside',
  requestUri: string,
  hiding: HidingContext,
  flow: string,
  ownName: OwnName,
): string {
  const { tokens, partner, community } = hiding;
  const token = tokens.seal({
    kind: 'route',
    partner,
    community,
    value: side === 'inside' ? flow : '',
    routes: [],
  });
  // A name of ours is short: only a bug of ours makes it otherwise.
  if (!token.ok) throw new Error(token.error);
  const scheme = /^sips:/i.test(requestUri) ? 'sips' : 'sip';
  return `Record-Route: <${ownUri(scheme, token.value, ownName)};lr>\r\n`;
}
