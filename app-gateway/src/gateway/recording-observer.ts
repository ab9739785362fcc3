import type { FieldValues } from '@sallyport/shared/audit/record-fields.ts';
import { textOfBytes } from '@sallyport/shared/audit/wire-text.ts';
import { type Clock, systemClock } from '@sallyport/shared/io/clock.ts';
import { fromField, toField, topVia } from '@sallyport/shared/sip/first-field.ts';
import { Header, type HeaderId } from '@sallyport/shared/sip/header-name.ts';
import type { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { type CoreObserver, NO_PROXY } from '../domain/core/proxy-core.ts';
import type { Refusal } from '../domain/routing/refusal.ts';
import type { Origin } from '../domain/signalling.ts';
import type { Note } from '../ledger/own-stream.ts';
import { RefusalCounts } from '../ledger/refusal-counts.ts';

/**
 * Puts the core's refusals on record, each with its rule and whom it was about, and passes everything on to who counts.
 * Of a flood the first ones have a record each, and the others one together.
 *
 * What is let through has its record at the edge.
 */
export class RecordingObserver implements CoreObserver {
  readonly #next: CoreObserver;
  readonly #note: Note;
  readonly #counts: RefusalCounts;

  constructor(next: CoreObserver, note: Note, clock: Clock = systemClock) {
    this.#next = next;
    this.#note = note;
    this.#counts = new RefusalCounts(note, clock);
  }

  /** Nothing more is refused: what was only counted goes on record. */
  stop(): void {
    this.#counts.tell();
  }

  refused(origin: Origin, refusal: Refusal, method: string, index: MessageIndex): void {
    this.#next.refused(origin, refusal, method, index);
    // Answers of our own, such as to OPTIONS, refuse nothing: who asks how we are is told, in an outage every few seconds.
    if (refusal.status < 300 || refusal.rule === NO_PROXY.rule) return;
    if (!this.#counts.takes(sourceOf(origin), kindOf(origin, refusal))) return;
    void this.#note('policy-decision', {
      rule: refusal.rule,
      verdict: 'refused',
      direction: origin.side === 'outside' ? 'inbound' : 'outbound',
      ...(origin.side === 'outside' && { partner: origin.peer }),
      ...(origin.side === 'inside' && { note: `from community ${origin.peer}` }),
      method,
      status: refusal.status,
      ...heads(index),
    });
  }

  forwarded(method: string, direction: 'inward' | 'outward'): void {
    this.#next.forwarded(method, direction);
  }

  answered(method: string, status: number): void {
    this.#next.answered(method, status);
  }

  stray(kind: 'response' | 'ack' | 'cancel'): void {
    this.#next.stray(kind);
  }
}

/** The proxy's host that brought it, or the community: whose word the rest is. */
function sourceOf({ side, peer, flow }: Origin): string {
  return side === 'outside' ? flow.slice(0, flow.indexOf('/')) : `community ${peer}`;
}

function kindOf({ side, peer }: Origin, { rule }: Refusal): string {
  return side === 'outside' ? `${rule} of ${peer}` : rule;
}

/** What was asked, of whom and by whom (RFC 6872 §4.2), as the octets came; they are copied. */
function heads(index: MessageIndex): FieldValues {
  const { bytes, requestUriStart, requestUriEnd } = index;
  const told = {
    requestUri: textOfBytes(bytes, requestUriStart, requestUriEnd),
    cseq: wholeField(index, Header.cseq),
    callId: wholeField(index, Header.callId),
    from: addressIn(index, fromField, Header.from),
    fromTag: tagIn(index, fromField),
    to: addressIn(index, toField, Header.to),
    toTag: tagIn(index, toField),
    serverTransaction: branchIn(index),
  };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
}

/** The URI, or all that stands there where none can be read. */
function addressIn(index: MessageIndex, field: typeof fromField, id: HeaderId): string | undefined {
  if (field.read(index) < 0) return wholeField(index, id);
  return textOfBytes(index.bytes, field.spans.uriStart, field.spans.uriEnd);
}

function tagIn(index: MessageIndex, field: typeof fromField): string | undefined {
  const { spans } = field;
  if (field.read(index) < 0 || spans.tagStart < 0) return undefined;
  return textOfBytes(index.bytes, spans.tagStart, spans.tagEnd);
}

function branchIn(index: MessageIndex): string | undefined {
  const { spans } = topVia;
  if (topVia.read(index) < 0 || spans.branchStart < 0) return undefined;
  return textOfBytes(index.bytes, spans.branchStart, spans.branchEnd);
}

function wholeField(index: MessageIndex, id: HeaderId): string | undefined {
  const line = index.first(id);
  if (line < 0) return undefined;
  const [start, end] = [index.valueStart[line] as number, index.valueEnd[line] as number];
  return textOfBytes(index.bytes, start, end);
}
