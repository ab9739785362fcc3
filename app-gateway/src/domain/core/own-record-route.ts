import { publicHostPort, transportParameter } from '../hiding/contact-hiding.ts';
import type { ForwardingPlan } from './forwarding-plan.ts';

/**
 * Our Record-Route line as the given side sees it: the public name outside, the inner one inside (RFC 5658 §3).
 *
 * The token in it brings an in-dialog request back to the right partner and community at any gateway. `flow` is the
 * connection that the dialog came over, for dialogs that a partner began.
 */
export function ownRecordRoute(
  side: 'outside' | 'inside',
  plan: Pick<ForwardingPlan, 'partner' | 'community' | 'hiding' | 'requestUri'>,
  flow: string,
): string {
  const { site, tokens } = plan.hiding;
  const token = tokens.seal({
    kind: 'route',
    partner: plan.partner,
    community: plan.community,
    value: side === 'inside' ? flow : '',
    routes: [],
  });
  // A name of ours is short: only a bug of ours makes it otherwise.
  if (!token.ok) throw new Error(token.error);
  const scheme = /^sips:/i.test(plan.requestUri) ? 'sips' : 'sip';
  const host = side === 'outside' ? publicHostPort(site) : `${site.innerHost}:${site.innerPort}`;
  return `Record-Route: <${scheme}:${token.value}@${host}${transportParameter(scheme)};lr>\r\n`;
}
