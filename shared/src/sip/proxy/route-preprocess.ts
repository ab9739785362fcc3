import { err, ok, type Result } from '../../result.ts';
import { parseNameAddr } from '../name-addr.ts';
import type { SipFault } from '../sip-fault.ts';
import { formatSipUri, parseSipUri, type SipUri } from '../uri.ts';

/** How this edge knows itself in a request. */
export interface OwnNames {
  /** A Route entry that means this edge. */
  isOwnRoute(uri: SipUri): boolean;
  /** A URI that this edge put into a Record-Route; never an address of a user. */
  isOwnRecordRoute(uri: SipUri): boolean;
  /** A name or address this edge answers for. */
  isOwnHost(host: string): boolean;
  /** Port on which the request came, and how. */
  readonly receivedPort: number;
  readonly receivedTransport: 'tls' | 'tcp';
}

/** A request's way as it stands after our own traces are taken off. */
export interface ReceivedRoute {
  readonly requestUri: string;
  /** Whole Route values, in order. */
  readonly routes: readonly string[];
  /** URI of ours that led the request here: the Route entry taken off, or what a strict router made the Request-URI. */
  readonly ownRoute: string | undefined;
}

/**
 * Makes the Request-URI and the Route what their sender meant (RFC 3261 §16.4).
 *
 * A strict router before us has put our Record-Route URI into the Request-URI and the true one at the end of Route: that is undone.
 * A `maddr` that only names us is taken away with the port and transport beside it. Then our own entry on top of Route goes,
 * and each of ours that comes up below it: that would be another turn through us, with nobody in between. A user agent that puts us
 * before every route set writes two. Of several, the last one with a user part says where the request came from.
 */
export function preprocessRoute(
  requestUri: string,
  routes: readonly string[],
  own: OwnNames,
): Result<ReceivedRoute, SipFault> {
  const uri = parseSipUri(requestUri);
  if (!uri.ok) return ok({ requestUri, routes, ownRoute: undefined });
  const last = routes.at(-1);
  if (last !== undefined && own.isOwnRecordRoute(uri.value)) {
    const restored = parseNameAddr(last);
    if (!restored.ok) return err('sip-route-malformed');
    return removeOwnRoute(restored.value.uri, routes.slice(0, -1), requestUri, own);
  }
  return removeOwnRoute(withoutOwnMaddr(uri.value, own) ?? requestUri, routes, undefined, own);
}

function removeOwnRoute(
  requestUri: string,
  routes: readonly string[],
  strictRoute: string | undefined,
  own: OwnNames,
): Result<ReceivedRoute, SipFault> {
  let ownRoute: string | undefined;
  for (const [at, top] of routes.entries()) {
    const address = parseNameAddr(top);
    if (!address.ok) return err('sip-route-malformed');
    const uri = parseSipUri(address.value.uri);
    if (!uri.ok || !own.isOwnRoute(uri.value))
      return ok({ requestUri, routes: routes.slice(at), ownRoute: strictRoute ?? ownRoute });
    if (ownRoute === undefined || uri.value.user !== undefined) ownRoute = address.value.uri;
  }
  return ok({ requestUri, routes: [], ownRoute: strictRoute ?? ownRoute });
}

/** The URI without a maddr that means us on the port and transport the request came by; undefined where nothing changes. */
function withoutOwnMaddr(uri: SipUri, own: OwnNames): string | undefined {
  const maddr = uri.parameters.get('maddr');
  if (maddr === undefined || !own.isOwnHost(maddr.toLowerCase())) return undefined;
  const transport = uri.parameters.get('transport')?.toLowerCase();
  const isTls = transport === 'tls' || uri.scheme === 'sips';
  const isSame = own.receivedTransport === 'tls' ? isTls : !isTls && transport === 'tcp';
  if (!isSame || (uri.port ?? (isTls ? 5061 : 5060)) !== own.receivedPort) return undefined;
  const { port, ...rest } = uri;
  const parameters = new Map(uri.parameters);
  parameters.delete('maddr');
  parameters.delete('transport');
  return formatSipUri({ ...rest, ...(port === 5061 && { port }), parameters });
}
