import { FIELD } from '@sallyport/shared/audit/record-fields.ts';
import { RECORD_BYTES_MAX, RECORD_HEADER_BYTES } from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import {
  RecordWriter,
  type WrittenFields,
  writtenFields,
} from '@sallyport/shared/audit/record-writer.ts';
import { MessageIndex, type MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import type { Endpoint } from '../connections/doorstep.ts';
import type { ConnectionEnds } from '../flows/connection-ends.ts';
import type { Flow } from '../flows/flow.ts';
import { BodyHash } from './body-hash.ts';
import { addressOf } from './connection-records.ts';
import { RecordedShare } from './recorded-share.ts';
import type { SealedStream } from './sealed-stream.ts';
import { TextSpans } from './text-spans.ts';
import { ToTag } from './to-tag.ts';

/** The number of a request that has no record. */
export const NOT_RECORDED = -1;

const NO_LIMITS: MessageLimits = {
  headBytesMax: 524_288,
  bodyBytesMax: 524_288,
  requestUriBytesMax: 524_288,
  lineBytesMax: 524_288,
  headersMax: 4096,
};
const EDGE = Buffer.from('edge', 'latin1');
/** Of each partner for each reason. */
const REFUSED = { max: 12_000, windowMs: 60_000, code: 'messages-refused' } as const;
/** A status line: `SIP/2.0 200 `. */
const STATUS_AT = 8;
const FINAL = 200;

/**
 * Puts messages on record: what partners asked and were answered, what we asked them and they answered.
 *
 * On the way of every message: fields are copied from where the message lies into where the record stays; no string, no
 * object. Provisional responses have no record.
 */
export class MessageRecords {
  readonly #stream: SealedStream;
  readonly #index = new MessageIndex(NO_LIMITS);
  readonly #spans = new TextSpans();
  readonly #tag = new ToTag();
  readonly #refused: RecordedShare;
  #bodyHash: BodyHash | undefined;

  constructor(stream: SealedStream, wallMs: () => number) {
    this.#stream = stream;
    this.#refused = new RecordedShare(stream, wallMs, REFUSED);
  }

  /** Bodies are told by their hash behind this salt; without one not at all. */
  useSalt(salt: Buffer | undefined): void {
    this.#bodyHash = salt && new BodyHash(salt);
  }

  /** A request of a partner was let in; returns the number of its record. */
  admitted(flow: Flow, index: MessageIndex): number {
    const writer = this.#stream.begin(AUDIT_TYPE['message-admitted']);
    if (writer === undefined) return NOT_RECORDED;
    putFromPartner(writer, flow);
    const spans = this.#spans;
    spans.ofScreened(index);
    writer.texts(index.bytes, spans.numbers, spans.count);
    this.#putSize(writer, index);
    return this.#stream.end();
  }

  /**
   * A partner's message was not let in; of what could not be read only the connection is known. Of a flood the first ones
   * have a record each: a partner must not fill the ledger with what it is refused.
   */
  refused(flow: Flow, index: MessageIndex | undefined, code: string, status: number): void {
    if (!this.#refused.takes(code, `${code} of ${flow.identity.partner.id}`)) return;
    const writer = this.#stream.begin(AUDIT_TYPE['message-refused']);
    if (writer === undefined) return;
    putFromPartner(writer, flow);
    if (index !== undefined) {
      if (index.isRequest) this.#putStartLine(writer, index);
      const told = index.isRequest ? status : index.status;
      if (told > 0 || !index.isRequest) writer.u32(FIELD.status, told);
      const { serverTransaction, clientTransaction } = FIELD;
      this.#putFields(writer, index, index.isRequest ? serverTransaction : clientTransaction);
      this.#putSize(writer, index);
    }
    if (status > 0) writer.text(FIELD.answeredBy, EDGE, 0, EDGE.length);
    writer.string(FIELD.code, code);
    this.#stream.end('urgent');
  }

  /** The final answer of a gateway to the request with that number, `bytes[start, end)`, is written to the partner. */
  answered(flow: Flow, requestSeq: number, bytes: Buffer, start: number, end: number): void {
    const writer = this.#stream.begin(AUDIT_TYPE['message-answered']);
    if (writer === undefined) return;
    const tag = this.#tag;
    const hasTag = tag.find(bytes, start, end);
    const tagStart = hasTag ? tag.start : 0;
    const tagEnd = hasTag ? tag.end : 0;
    const status = statusAt(bytes, start + STATUS_AT);
    const isKnown = requestSeq >= 0;
    const field = isKnown ? FIELD.requestSeq : FIELD.connection;
    const number = isKnown ? requestSeq : flow.facts.id;
    writer.answer(field, number, status, bytes, tagStart, tagEnd, end - start);
    // Its request is on record at the gateway that answered: a write of its own would cost more than the record.
    this.#stream.end('patient');
  }

  /** The edge itself answers the request with that number. */
  answeredHere(flow: Flow, requestSeq: number, status: number, code: string): void {
    const writer = this.#stream.begin(AUDIT_TYPE['message-answered']);
    if (writer === undefined) return;
    putAnswered(writer, flow, requestSeq);
    writer.u32(FIELD.status, status);
    writer.text(FIELD.answeredBy, EDGE, 0, EDGE.length);
    writer.string(FIELD.code, code);
    this.#stream.end('urgent');
  }

  /** A gateway's request, `bytes[start, end)`, goes out to a partner. */
  sent(flow: Flow, bytes: Buffer, start: number, end: number): void {
    if (!this.#stream.isOpen) return;
    const index = this.#index;
    index.scan(bytes, start, end);
    const writer = this.#stream.begin(AUDIT_TYPE['message-sent']);
    if (writer === undefined) return;
    putToPartner(writer, flow);
    if (index.isRequest && !index.fatal) {
      this.#putStartLine(writer, index);
      this.#putFields(writer, index, FIELD.clientTransaction);
    }
    this.#putSize(writer, index);
    this.#stream.end();
  }

  /**
   * A gateway's answer goes out over another connection than its request came on, which has ended (RFC 3261 §18.2.2); of
   * the request this worker may know nothing.
   */
  answeredElsewhere(flow: Flow, bytes: Buffer, start: number, end: number): void {
    if (!this.#stream.isOpen) return;
    const index = this.#index;
    index.scan(bytes, start, end);
    if (index.fatal || index.status < FINAL) return;
    const writer = this.#stream.begin(AUDIT_TYPE['message-sent']);
    if (writer === undefined) return;
    putToPartner(writer, flow);
    writer.u32(FIELD.status, index.status);
    this.#putFields(writer, index, FIELD.serverTransaction);
    this.#putSize(writer, index);
    this.#stream.end('patient');
  }

  /** A partner's final response to a request of ours is passed on. */
  received(flow: Flow, index: MessageIndex): void {
    const writer = this.#stream.begin(AUDIT_TYPE['response-received']);
    if (writer === undefined) return;
    putFromPartner(writer, flow);
    writer.u32(FIELD.status, index.status);
    this.#putFields(writer, index, FIELD.clientTransaction);
    this.#putSize(writer, index);
    this.#stream.end();
  }

  #putStartLine(writer: RecordWriter, index: MessageIndex): void {
    this.#spans.ofStartLine(index);
    writer.texts(index.bytes, this.#spans.numbers, this.#spans.count);
  }

  #putFields(writer: RecordWriter, index: MessageIndex, branch: number): void {
    this.#spans.ofFields(index, branch);
    writer.texts(index.bytes, this.#spans.numbers, this.#spans.count);
  }

  #putSize(writer: RecordWriter, index: MessageIndex): void {
    const { bytes, start, bodyStart, end, fatal } = index;
    writer.u32(FIELD.size, end - start);
    const bodyHash = this.#bodyHash;
    if (bodyHash === undefined || fatal || bodyStart >= end) return;
    writer.text(FIELD.bodyHash, bodyHash.of(bytes, bodyStart, end), 0, bodyHash.bytes.length);
  }
}

function putFromPartner(writer: RecordWriter, flow: Flow): void {
  flow.recordEnds ??= endsOf(flow);
  writer.fields(flow.recordEnds.fromPartner);
}

function putToPartner(writer: RecordWriter, flow: Flow): void {
  flow.recordEnds ??= endsOf(flow);
  writer.fields(flow.recordEnds.toPartner);
}

/** Made once per connection. */
function endsOf(flow: Flow): ConnectionEnds {
  const { id, remoteAddress, remotePort, localAddress, localPort } = flow.facts;
  const peer = { address: addressOf(remoteAddress), port: remotePort };
  const own = { address: addressOf(localAddress), port: localPort };
  const partner = flow.identity.partner.id;
  return {
    fromPartner: fieldsBetween(id, peer, own, flow.isPlain, partner),
    toPartner: fieldsBetween(id, own, peer, flow.isPlain, partner),
  };
}

function fieldsBetween(
  connection: number,
  source: Endpoint,
  destination: Endpoint,
  isPlain: boolean,
  partner: string,
): WrittenFields {
  const bytes = Buffer.alloc(RECORD_BYTES_MAX);
  const writer = new RecordWriter(bytes);
  writer.begin(AUDIT_TYPE['message-admitted'], 0, 0);
  writer.u32(FIELD.connection, connection);
  if (source.address !== '') writer.address(FIELD.source, source.address);
  writer.u32(FIELD.sourcePort, source.port);
  if (destination.address !== '') writer.address(FIELD.destination, destination.address);
  writer.u32(FIELD.destinationPort, destination.port);
  // All others came over TLS, as the record of their connection says.
  if (isPlain) writer.string(FIELD.transport, 'TCP');
  writer.string(FIELD.partner, partner);
  return writtenFields(bytes.subarray(RECORD_HEADER_BYTES, writer.at), FIELD.partner);
}

/** The connection is that of the request, where that has a record. */
function putAnswered(writer: RecordWriter, flow: Flow, requestSeq: number): void {
  if (requestSeq >= 0) writer.u32(FIELD.requestSeq, requestSeq);
  else writer.u32(FIELD.connection, flow.facts.id);
}

function statusAt(bytes: Buffer, at: number): number {
  const hundreds = (bytes[at] as number) - 0x30;
  const tens = (bytes[at + 1] as number) - 0x30;
  return hundreds * 100 + tens * 10 + (bytes[at + 2] as number) - 0x30;
}
