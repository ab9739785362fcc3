import { err, ok, type Result } from '../../result.ts';
import { parseNameAddr } from '../name-addr.ts';
import type { SipFault } from '../sip-fault.ts';
import { formatSipUri, parseSipUri } from '../uri.ts';

/** A request's way as it leaves. */
export interface ForwardedRoute {
  readonly requestUri: string;
  /** Whole Route values, in order. */
  readonly routes: readonly string[];
  /** URI of the next element, to be resolved as RFC 3263 says. */
  readonly nextHop: string;
}

/**
 * Where a request goes next: its topmost Route, or its Request-URI (RFC 3261 §16.6 steps 6 and 7).
 *
 * A next element without `lr` is a strict router: it gets itself as Request-URI, freed of what no Request-URI may hold
 * (§12.2.1.1), and finds the true one at the end of Route.
 */
export function postprocessRoute(
  requestUri: string,
  routes: readonly string[],
): Result<ForwardedRoute, SipFault> {
  const [top] = routes;
  if (top === undefined) return ok({ requestUri, routes, nextHop: requestUri });
  const address = parseNameAddr(top);
  const uri = address.ok ? parseSipUri(address.value.uri) : address;
  if (!address.ok || !uri.ok) return err('sip-route-malformed');
  if (uri.value.parameters.has('lr')) return ok({ requestUri, routes, nextHop: address.value.uri });
  const { headers: _, ...rest } = uri.value;
  const parameters = new Map(rest.parameters);
  parameters.delete('method');
  const strict = formatSipUri({ ...rest, parameters });
  return ok({
    requestUri: strict,
    routes: [...routes.slice(1), `<${requestUri}>`],
    nextHop: strict,
  });
}
