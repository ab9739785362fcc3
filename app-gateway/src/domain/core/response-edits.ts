import { Header } from '@sallyport/shared/sip/header-name.ts';
import type { MessageEdit } from '@sallyport/shared/sip/message-edit.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { RecordRouteScheme } from '@sallyport/shared/sip/proxy/record-route.ts';
import { isWordless, phraseOfClass } from '@sallyport/shared/sip/reason-phrase.ts';
import { hasVersionInCapitals } from '@sallyport/shared/sip/sip-version.ts';
import type { HidingContext } from '../hiding/contact-hiding.ts';
import { editInward } from '../hiding/inward-edits.ts';
import { editOutward } from '../hiding/outward-edits.ts';
import type { OwnName } from '../signalling.ts';
import { isCarriable } from './carriable.ts';
import { ownRecordRoute } from './own-record-route.ts';
import type { ProxiedRequest } from './proxied-request.ts';
import { valuesOf } from './upstream-head.ts';

/**
 * Makes the response that goes back to whoever asked (RFC 3261 §16.7).
 *
 * `ownName` is how whoever asked knows us. A Route, which no response has (§20), goes. Via, Call-ID and the sender's own Record-Route lines come from the request that was kept, never from what the far
 * side echoed; of its Record-Route values only those are read that the far side put above ours.
 * False: it became too large to be carried.
 */
export function editResponse(
  edit: MessageEdit,
  index: MessageIndex,
  request: ProxiedRequest,
  ownName: OwnName,
): boolean {
  const { plan, head } = request;
  edit.begin(index);
  if (isWordless(index))
    edit.startLine(`SIP/2.0 ${index.status} ${phraseOfClass(index.status)}\r\n`);
  else if (!hasVersionInCapitals(index)) {
    edit.startLine(`SIP/2.0${index.textAt(index.start + VERSION_LENGTH, index.startLineEnd)}`);
  }
  edit.removeAll(Header.via);
  if (index.count(Header.route) > 0) edit.removeAll(Header.route);
  let first = head.vias;
  const hasRecordRoute = index.count(Header.recordRoute) > 0;
  // Within a dialog the route set stands, whatever proxies write (RFC 3261 §12.2).
  const { answerScheme } = plan;
  const added = hasRecordRoute && answerScheme ? addedRecordRoutes(index, request) : NONE;
  const hiding = withRoutes(plan.hiding, added);
  if (hasRecordRoute) {
    edit.removeAll(Header.recordRoute);
    if (answerScheme) first += recordRouteLines(request, answerScheme, added, hiding, ownName);
  }
  edit.insertFirst(first);
  if (plan.callIdLine !== undefined) edit.replaceLine(index.first(Header.callId), head.callId);
  if (plan.fromLine !== undefined) edit.replaceLine(index.first(Header.from), head.from);
  if (plan.direction === 'outward') editInward(edit, index, plan.hiding);
  else editOutward(edit, index, hiding, ownName);
  return isCarriable(edit);
}

const NONE: readonly string[] = [];
const VERSION_LENGTH = 7;

/** The inner route set runs the other way round than Record-Route values stand (RFC 3261 §12.1.1). */
function withRoutes(hiding: HidingContext, added: readonly string[]): HidingContext {
  return added.length === 0 ? hiding : { ...hiding, routes: added.toReversed() };
}

/** Values above our own: what the far side's proxies added on the way (RFC 3261 §16.6 step 4). */
function addedRecordRoutes(index: MessageIndex, request: ProxiedRequest): string[] {
  const values = valuesOf(index, Header.recordRoute);
  const { plan } = request;
  const below = plan.direction === 'inward' ? plan.recordRouteCount + 1 : 1;
  return values.slice(0, Math.max(0, values.length - below));
}

/** To a partner: ours alone, above its own. To the inside: the partner's, ours, and the inner ones. */
function recordRouteLines(
  request: ProxiedRequest,
  scheme: RecordRouteScheme,
  added: readonly string[],
  hiding: HidingContext,
  ownName: OwnName,
): string {
  const { plan, head, origin } = request;
  const shown = plan.direction === 'outward' ? added : [];
  const lines = shown.map((value) => `Record-Route: ${value}\r\n`).join('');
  return (
    lines + ownRecordRoute(origin.side, scheme, hiding, origin.flow, ownName) + head.recordRoutes
  );
}
