import { Header, type HeaderId } from '@sallyport/shared/sip/header-name.ts';
import { splitList } from '@sallyport/shared/sip/list.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { toTag } from '@sallyport/shared/sip/syntax-check.ts';
import { lineOf } from '@sallyport/shared/sip/wording.ts';

/**
 * The header lines of a request that its responses must carry back, as the sender wrote them or plainly.
 *
 * Kept as latin1 text with CRLFs; taken once per transaction, so that a response never depends on what the
 * far side echoed (RFC 3261 §8.2.6.2, §16.7 step 3).
 */
export interface UpstreamHead {
  readonly vias: string;
  readonly from: string;
  readonly to: string;
  /** Whether it is within a dialog. */
  readonly hasToTag: boolean;
  readonly callId: string;
  readonly cseq: string;
  /** Record-Route lines, for dialog-forming requests. */
  readonly recordRoutes: string;
  /** For the 100 Trying (RFC 3261 §8.2.6.1); empty where there is none, or a malformed one. */
  readonly timestamp: string;
}

/** `topVia`, where given, replaces the topmost Via line (RFC 3261 §18.2.1 `received`). */
export function upstreamHeadOf(index: MessageIndex, topVia: string | undefined): UpstreamHead {
  const firstVia = index.first(Header.via);
  let vias = topVia ?? lineOf(index, firstVia);
  if (index.count(Header.via) > 1) vias += linesOf(index, Header.via, firstVia + 1);
  return {
    vias,
    from: lineOf(index, index.first(Header.from)),
    to: lineOf(index, index.first(Header.to)),
    hasToTag: toTag(index) !== '',
    callId: lineOf(index, index.first(Header.callId)),
    cseq: lineOf(index, index.first(Header.cseq)),
    recordRoutes:
      index.count(Header.recordRoute) === 0 ? '' : linesOf(index, Header.recordRoute, 0),
    timestamp: timestampOf(index),
  };
}

function timestampOf(index: MessageIndex): string {
  const value = index.valueOf(Header.timestamp);
  return value !== undefined && TIMESTAMP.test(value) ? `Timestamp: ${value}\r\n` : '';
}

/** RFC 3261 §25.1: a number, and perhaps the delay that a server added. */
const TIMESTAMP = /^\d+(?:\.\d*)?(?:[ \t]+\d*(?:\.\d*)?)?$/;

/** Values of a repeatable field over all its lines, in order (RFC 3261 §7.3.1). */
export function valuesOf(index: MessageIndex, id: HeaderId): string[] {
  const values: string[] = [];
  const first = index.first(id);
  if (first < 0) return values;
  for (let line = first; line < index.headerCount; line++) {
    if (index.ids[line] === id) values.push(...splitList(index.value(line)));
  }
  return values;
}

function linesOf(index: MessageIndex, id: HeaderId, from: number): string {
  let text = '';
  for (let line = from; line < index.headerCount; line++) {
    if (index.ids[line] === id) text += lineOf(index, line);
  }
  return text;
}
