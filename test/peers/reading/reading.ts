import assert from 'node:assert/strict';
import { type FirstField, fromField, toField } from '@sallyport/shared/sip/first-field.ts';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import type { NameAddrSpans } from '@sallyport/shared/sip/name-addr-spans.ts';
import { parseSipUri } from '@sallyport/shared/sip/uri.ts';
import { LIMITS } from '../../app-gateway/domain/core/core-stage.ts';

/** What one reader takes a message to say, of all that our decisions hang on. Hosts are in lower case; what is not there is empty. */
export interface Reading {
  /** Of a response its status, and the method that it answers. */
  readonly method: string;
  readonly requestUser: string;
  readonly requestHost: string;
  readonly from: Address;
  readonly to: Address;
  readonly callId: string;
  readonly sequence: number;
  readonly bodyBytes: number;
  /** How many lines of a name there are. */
  readonly froms: number;
  readonly tos: number;
  readonly routes: number;
  readonly assertedIdentities: number;
}

/** User, host and tag of From or To. */
export type Address = readonly [user: string, host: string, tag: string];

const index = new MessageIndex(LIMITS);

/** Ours, of a message that went on. */
export function ourReading(text: string): Reading {
  const bytes = Buffer.from(text, 'latin1');
  assert.equal(index.scan(bytes, 0, bytes.length), bytes.length);
  return {
    ...startOf(index),
    from: addressIn(fromField),
    to: addressIn(toField),
    callId: index.valueOf(Header.callId) ?? '',
    sequence: Number.parseInt(index.valueOf(Header.cseq) ?? '', 10),
    bodyBytes: index.end - index.bodyStart,
    froms: index.count(Header.from),
    tos: index.count(Header.to),
    routes: index.count(Header.route),
    assertedIdentities: index.count(Header.pAssertedIdentity),
  };
}

function startOf(message: MessageIndex): Pick<Reading, 'method' | 'requestUser' | 'requestHost'> {
  if (!message.isRequest) {
    const method = /\S+$/.exec(message.valueOf(Header.cseq) ?? '')?.join() ?? '';
    return { method: `${message.status} ${method}`, requestUser: '', requestHost: '' };
  }
  const uri = parseSipUri(message.requestUri());
  assert.ok(uri.ok);
  const { user = '', host } = uri.value;
  return { method: message.method(), requestUser: user, requestHost: host };
}

function addressIn(field: FirstField<NameAddrSpans>): Address {
  field.read(index);
  const { uri, isSip, tagStart, tagEnd } = field.spans;
  const textAt = (start: number, end: number) => (start < 0 ? '' : index.textAt(start, end));
  const tag = textAt(tagStart, tagEnd);
  if (!isSip) return ['', '', tag];
  return [
    textAt(uri.userStart, uri.userEnd),
    textAt(uri.hostStart, uri.hostEnd).toLowerCase(),
    tag,
  ];
}

/** A reading that a reader wrote as one line, `|` between its parts and texts in hexadecimal. */
export function readingOf(line: string): Reading {
  const parts = line.split('|');
  const text = (at: number) =>
    Buffer.from(parts[at] ?? '', 'hex')
      .toString('latin1')
      .replace('<null>', '');
  const number = (at: number) => Number.parseInt(parts[at] ?? '', 10);
  const address = (at: number): Address => [text(at), text(at + 1).toLowerCase(), text(at + 2)];
  return {
    method: text(0),
    requestUser: text(1),
    requestHost: text(2).toLowerCase(),
    from: address(3),
    to: address(6),
    callId: text(9),
    sequence: number(10),
    bodyBytes: number(11),
    froms: number(12),
    tos: number(13),
    routes: number(14),
    assertedIdentities: number(15),
  };
}

/** Kamailio leaves parameters of a telephone number out of the user, and Net::SIP counts the password in. */
export function withShortUsers(reading: Reading): Reading {
  const short = (user: string) => user.split(/[;:]/, 1)[0] ?? '';
  const { requestUser, from, to } = reading;
  const [fromUser, ...fromRest] = from;
  const [toUser, ...toRest] = to;
  return {
    ...reading,
    requestUser: short(requestUser),
    from: [short(fromUser), ...fromRest],
    to: [short(toUser), ...toRest],
  };
}

/** Whether From and To are of SIP; what users and hosts are in others is nobody's concern. */
export function isOfSipAlone(text: string): boolean {
  const { from, to } = ourReading(text);
  return from[1] !== '' && to[1] !== '';
}
