/**
 * Requests that begin a dialog, or may: on these we stay in the path.
 *
 * NOTIFY is among them, for the one that outruns the response to its SUBSCRIBE or REFER makes the dialog (RFC 6665 §4.3).
 * Within a dialog the caller asks for none: the route set stands already (RFC 3261 §12.2).
 */
const DIALOG_FORMING: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY']);

export type RecordRouteScheme = 'sip' | 'sips';

/**
 * Scheme of the Record-Route URI to insert, or undefined where none belongs (RFC 3261 §16.6 step 4).
 *
 * `sips` where the request as it leaves has a sips URI as Request-URI or topmost Route; else `sip`. Never for a method that
 * forms no dialog, such as MESSAGE: the response would then leak a path that nobody uses.
 */
export function recordRouteScheme(
  method: string,
  requestUri: string,
  topmostRouteUri: string | undefined,
): RecordRouteScheme | undefined {
  if (!DIALOG_FORMING.has(method)) return undefined;
  return isSips(requestUri) || (topmostRouteUri !== undefined && isSips(topmostRouteUri))
    ? 'sips'
    : 'sip';
}

function isSips(uri: string): boolean {
  return uri.slice(0, 5).toLowerCase() === 'sips:';
}
