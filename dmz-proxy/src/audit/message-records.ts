import { createHash } from 'node:crypto';
import { FIELD } from '@sallyport/shared/audit/record-fields.ts';
import { RECORD_BYTES_MAX, RECORD_HEADER_BYTES } from '@sallyport/shared/audit/record-layout.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import { RecordWriter } from '@sallyport/shared/audit/record-writer.ts';
import { fromField, toField, topVia } from '@sallyport/shared/sip/first-field.ts';
import { Header, type HeaderId } from '@sallyport/shared/sip/header-name.ts';
import { MessageIndex, type MessageLimits } from '@sallyport/shared/sip/message-index.ts';
import type { Endpoint } from '../doorstep.ts';
import type { Flow } from '../flow.ts';
import { addressOf } from './connection-records.ts';
import type { SealedStream } from './sealed-stream.ts';
import { findToTag } from './to-tag.ts';

/** The number of a request that has no record. */
export const NOT_RECORDED = -1;

/** Who answered a partner's request. */
export type AnsweredBy = 'edge' | 'gateway';

/** What all records about messages of one connection begin with, by direction: fields as they are written. */
export interface ConnectionEnds {
  readonly fromPartner: Buffer;
  readonly toPartner: Buffer;
}

const NO_LIMITS: MessageLimits = {
  headBytesMax: 524_288,
  bodyBytesMax: 524_288,
  requestUriBytesMax: 524_288,
  lineBytesMax: 524_288,
  headersMax: 4096,
};
const EDGE = Buffer.from('edge', 'latin1');
const GATEWAY = Buffer.from('gateway', 'latin1');
/** A status line: `SIP/2.0 200 `. */
const STATUS_AT = 8;

/**
 * Puts messages on record: what partners asked and were answered, what we asked them and they answered.
 *
 * On the way of every message: fields are copied from where the message lies into where the record stays; no string, no
 * object. Provisional responses have no record.
 */
export class MessageRecords {
  readonly #stream: SealedStream;
  readonly #wallMs: () => number;
  readonly #index = new MessageIndex(NO_LIMITS);
  readonly #tag = { start: 0, end: 0 };
  #bodySalt: Buffer | undefined;

  constructor(stream: SealedStream, wallMs: () => number) {
    this.#stream = stream;
    this.#wallMs = wallMs;
  }

  /** Bodies are told by their hash behind this salt; without one not at all. */
  useSalt(salt: Buffer | undefined): void {
    this.#bodySalt = salt;
  }

  /** A request of a partner was let in; returns the number of its record. */
  admitted(flow: Flow, index: MessageIndex): number {
    const writer = this.#stream.begin(AUDIT_TYPE['message-admitted']);
    if (writer === undefined) return NOT_RECORDED;
    putFromPartner(writer, flow);
    putRequest(writer, index);
    putAddresses(writer, index);
    putBranch(writer, index, FIELD.serverTransaction);
    this.#putSize(writer, index);
    return this.#stream.end();
  }

  /** A partner's message was not let in; of what could not be read only the connection is known. */
  refused(flow: Flow, index: MessageIndex | undefined, code: string, status: number): void {
    if (code === 'audit-full') {
      const wallMs = this.#wallMs();
      if (this.#stream.isOpen) this.#stream.leaveOut('refused-while-full', 1, wallMs, wallMs);
      return;
    }
    const writer = this.#stream.begin(AUDIT_TYPE['message-refused']);
    if (writer === undefined) return;
    putFromPartner(writer, flow);
    if (index?.isRequest === true) putRequest(writer, index, status);
    else if (index !== undefined) putStatus(writer, index);
    if (index !== undefined) {
      putAddresses(writer, index);
      putBranch(writer, index, FIELD.serverTransaction);
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
    writer.u32(FIELD.connection, flow.facts.id);
    if (requestSeq >= 0) writer.u32(FIELD.requestSeq, requestSeq);
    writer.u32(FIELD.status, statusAt(bytes, start + STATUS_AT));
    const tag = this.#tag;
    if (findToTag(bytes, start, end, tag)) writer.text(FIELD.toTag, bytes, tag.start, tag.end);
    writer.u32(FIELD.size, end - start);
    writer.text(FIELD.answeredBy, GATEWAY, 0, GATEWAY.length);
    // Its request is on record at the gateway that answered: a write of its own would cost more than the record.
    this.#stream.end('patient');
  }

  /** The edge itself answers the request with that number. */
  answeredHere(flow: Flow, requestSeq: number, status: number, code: string): void {
    const writer = this.#stream.begin(AUDIT_TYPE['message-answered']);
    if (writer === undefined) return;
    writer.u32(FIELD.connection, flow.facts.id);
    if (requestSeq >= 0) writer.u32(FIELD.requestSeq, requestSeq);
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
      putRequest(writer, index);
      putAddresses(writer, index);
      putBranch(writer, index, FIELD.clientTransaction);
    }
    this.#putSize(writer, index);
    this.#stream.end();
  }

  /** A partner's final response to a request of ours is passed on. */
  received(flow: Flow, index: MessageIndex): void {
    const writer = this.#stream.begin(AUDIT_TYPE['response-received']);
    if (writer === undefined) return;
    putFromPartner(writer, flow);
    putStatus(writer, index);
    putAddresses(writer, index);
    putBranch(writer, index, FIELD.clientTransaction);
    this.#putSize(writer, index);
    this.#stream.end();
  }

  #putSize(writer: RecordWriter, index: MessageIndex): void {
    const { bytes, start, bodyStart, end, fatal } = index;
    writer.u32(FIELD.size, end - start);
    const salt = this.#bodySalt;
    if (salt === undefined || fatal || bodyStart >= end) return;
    const digest = createHash('sha256')
      .update(salt)
      .update(bytes.subarray(bodyStart, end))
      .digest();
    writer.text(FIELD.bodyHash, digest, 0, digest.length);
  }
}

function putFromPartner(writer: RecordWriter, flow: Flow): void {
  flow.recordEnds ??= endsOf(flow);
  writer.fields(flow.recordEnds.fromPartner, FIELD.partner);
}

function putToPartner(writer: RecordWriter, flow: Flow): void {
  flow.recordEnds ??= endsOf(flow);
  writer.fields(flow.recordEnds.toPartner, FIELD.partner);
}

/** Made once per connection. */
function endsOf(flow: Flow): ConnectionEnds {
  const { id, remoteAddress, remotePort, localPort } = flow.facts;
  const peer = { address: addressOf(remoteAddress), port: remotePort };
  const own = { address: addressOf(flow.localAddress), port: localPort };
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
): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES_MAX);
  const writer = new RecordWriter(bytes);
  writer.begin(AUDIT_TYPE['message-admitted'], 0, 0);
  writer.u32(FIELD.connection, connection);
  if (source.address !== '') writer.string(FIELD.source, source.address);
  writer.u32(FIELD.sourcePort, source.port);
  if (destination.address !== '') writer.string(FIELD.destination, destination.address);
  writer.u32(FIELD.destinationPort, destination.port);
  // All others came over TLS, as the record of their connection says.
  if (isPlain) writer.string(FIELD.transport, 'TCP');
  writer.string(FIELD.partner, partner);
  return Buffer.from(bytes.subarray(RECORD_HEADER_BYTES, writer.at));
}

/** Up to the Call-ID; `status` only for a request that was refused with one. */
function putRequest(writer: RecordWriter, index: MessageIndex, status = 0): void {
  const { bytes, start, methodEnd, requestUriStart, requestUriEnd } = index;
  writer.text(FIELD.method, bytes, start, methodEnd);
  writer.text(FIELD.requestUri, bytes, requestUriStart, requestUriEnd);
  if (status > 0) writer.u32(FIELD.status, status);
  putValue(writer, FIELD.cseq, index, Header.cseq);
  putValue(writer, FIELD.callId, index, Header.callId);
}

function putStatus(writer: RecordWriter, index: MessageIndex): void {
  writer.u32(FIELD.status, index.status);
  putValue(writer, FIELD.cseq, index, Header.cseq);
  putValue(writer, FIELD.callId, index, Header.callId);
}

/** From and To: the URI and the tag, or where they cannot be read the whole value. The syntax check has found both. */
function putAddresses(writer: RecordWriter, index: MessageIndex): void {
  const { bytes } = index;
  const from = fromField.spans;
  if (fromField.read(index) < 0) putValue(writer, FIELD.from, index, Header.from);
  else {
    writer.text(FIELD.from, bytes, from.uriStart, from.uriEnd);
    if (from.tagStart >= 0) writer.text(FIELD.fromTag, bytes, from.tagStart, from.tagEnd);
  }
  const to = toField.spans;
  if (toField.read(index) < 0) putValue(writer, FIELD.to, index, Header.to);
  else {
    writer.text(FIELD.to, bytes, to.uriStart, to.uriEnd);
    if (to.tagStart >= 0) writer.text(FIELD.toTag, bytes, to.tagStart, to.tagEnd);
  }
}

function putBranch(writer: RecordWriter, index: MessageIndex, field: number): void {
  const via = topVia.spans;
  if (topVia.read(index) < 0 || via.branchStart < 0) return;
  writer.text(field, index.bytes, via.branchStart, via.branchEnd);
}

function putValue(writer: RecordWriter, field: number, index: MessageIndex, id: HeaderId): void {
  const line = index.first(id);
  if (line < 0) return;
  const end = index.valueEnd[line] as number;
  writer.text(field, index.bytes, index.valueStart[line] as number, end);
}

function statusAt(bytes: Buffer, at: number): number {
  const hundreds = (bytes[at] as number) - 0x30;
  const tens = (bytes[at + 1] as number) - 0x30;
  return hundreds * 100 + tens * 10 + (bytes[at + 2] as number) - 0x30;
}
