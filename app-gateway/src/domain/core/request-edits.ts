import { Header } from '@sallyport/shared/sip/header-name.ts';
import type { MessageEdit } from '@sallyport/shared/sip/message-edit.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { forwardedMaxBreadth } from '@sallyport/shared/sip/proxy/hop-limits.ts';
import { hasVersionInCapitals } from '@sallyport/shared/sip/sip-version.ts';
import { editInward } from '../hiding/inward-edits.ts';
import { editOutward } from '../hiding/outward-edits.ts';
import type { OwnName } from '../signalling.ts';
import { isCarriable } from './carriable.ts';
import type { ForwardingPlan } from './forwarding-plan.ts';

/**
 * Makes the request that goes to the next hop (RFC 3261 §16.6).
 *
 * `ownName` is how the receiver knows us. `topVia`, where given, replaces the sender's topmost Via line. Outward, every inner Via and Record-Route stays
 * behind: the partner sees one hop. The server transaction keeps the Via lines, and the tokens keep the routes.
 * False: it became too large to be carried.
 */
export function editRequest(
  edit: MessageEdit,
  index: MessageIndex,
  method: string,
  plan: ForwardingPlan,
  viaLine: string,
  topVia: string | undefined,
  ownName: OwnName,
): boolean {
  edit.begin(index);
  if (plan.requestUri !== index.requestUri() || !hasVersionInCapitals(index)) {
    edit.startLine(`${method} ${plan.requestUri} SIP/2.0\r\n`);
  }
  edit.insertFirst(viaLine + plan.recordRoute(ownName) + plan.routeLines);
  if (method !== 'ACK') editMaxBreadth(edit, index);
  if (index.count(Header.route) > 0) edit.removeAll(Header.route);
  const maxForwards = index.first(Header.maxForwards);
  const maxForwardsLine = `Max-Forwards: ${plan.maxForwards}\r\n`;
  if (maxForwards < 0) edit.append(maxForwardsLine);
  else edit.replaceLine(maxForwards, maxForwardsLine);
  if (plan.callIdLine !== undefined) edit.replaceLine(index.first(Header.callId), plan.callIdLine);
  if (plan.fromLine !== undefined) edit.replaceLine(index.first(Header.from), plan.fromLine);
  if (plan.direction === 'inward') {
    if (topVia !== undefined) edit.replaceLine(index.first(Header.via), topVia);
    editInward(edit, index, plan.hiding);
    return isCarriable(edit);
  }
  edit.removeAll(Header.via);
  if (index.count(Header.recordRoute) > 0) edit.removeAll(Header.recordRoute);
  editOutward(edit, index, plan.hiding, ownName);
  return isCarriable(edit);
}

/** Bounds what others may fork further on (RFC 5393 §5.3.3); a breadth of none was refused before. */
function editMaxBreadth(edit: MessageEdit, index: MessageIndex): void {
  const line = index.first(Header.maxBreadth);
  if (line < 0) return edit.insertFirst(MAX_BREADTH_ADDED);
  const breadth = Number(index.value(line));
  const forwarded = forwardedMaxBreadth(breadth);
  if (forwarded !== breadth) edit.replaceLine(line, `Max-Breadth: ${forwarded}\r\n`);
}

const MAX_BREADTH_ADDED = `Max-Breadth: ${forwardedMaxBreadth(undefined)}\r\n`;
