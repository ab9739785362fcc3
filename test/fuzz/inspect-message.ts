import assert from 'node:assert/strict';
import { parseCallId } from '@sallyport/shared/sip/call-id.ts';
import { parseContacts } from '@sallyport/shared/sip/contact.ts';
import { parseContentType } from '@sallyport/shared/sip/content-type.ts';
import { formatCseq, parseCseq } from '@sallyport/shared/sip/cseq.ts';
import { parseEvent } from '@sallyport/shared/sip/event.ts';
import { parseExpires } from '@sallyport/shared/sip/expires.ts';
import { statusOf } from '@sallyport/shared/sip/fault-status.ts';
import { Header } from '@sallyport/shared/sip/header-name.ts';
import { splitList } from '@sallyport/shared/sip/list.ts';
import { parseMaxForwards } from '@sallyport/shared/sip/max-forwards.ts';
import { MessageEdit } from '@sallyport/shared/sip/message-edit.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { formatNameAddr, parseNameAddr } from '@sallyport/shared/sip/name-addr.ts';
import { formatReply } from '@sallyport/shared/sip/reply.ts';
import { parseSubscriptionState } from '@sallyport/shared/sip/subscription-state.ts';
import {
  checkRequest,
  checkResponse,
  fromDomain,
  topViaBranch,
  topViaSentBy,
} from '@sallyport/shared/sip/syntax-check.ts';
import { parseTokenList } from '@sallyport/shared/sip/token-list.ts';
import { formatSipUri, parseSipUri, sameUri } from '@sallyport/shared/sip/uri.ts';
import { formatVia, parseVia, parseViaList } from '@sallyport/shared/sip/via.ts';
import { receivedEdit } from '@sallyport/shared/sip/via-received.ts';
import { Wording } from '@sallyport/shared/sip/wording.ts';
import type { SeededRandom } from './mutator.ts';

const again = new MessageIndex({
  headBytesMax: 65_536,
  bodyBytesMax: 65_536,
  requestUriBytesMax: 65_536,
  lineBytesMax: 65_536,
  headersMax: 256,
});
const edit = new MessageEdit();
const out = Buffer.alloc(65_536);

/** Holds one scanned message against everything this folder promises about it; tells whether it was accepted. */
export function inspectMessage(index: MessageIndex, random: SeededRandom): boolean {
  const fault = index.isRequest ? checkRequest(index) : checkResponse(index);
  inspectFields(index, random);
  if (index.isRequest) inspectReply(index, fault === undefined ? 200 : statusOf(fault).status);
  if (fault !== undefined) return false;
  inspectCopy(index);
  if (index.isRequest) inspectReceived(index);
  topViaBranch(index);
  assert.notEqual(topViaSentBy(index), undefined);
  return true;
}

/** Nothing edited means nothing changed but what is not plain, and the same reading by the next element, to which all is plain. */
function inspectCopy(index: MessageIndex): void {
  edit.begin(index);
  const length = edit.write(out, 0);
  assert.equal(length, edit.byteLength());
  if (!index.isReworded) {
    assert.equal(out.compare(index.bytes, index.start, index.end, 0, length), 0);
  }
  assert.equal(again.scan(out, 0, length), length);
  assert.equal(again.isRequest ? checkRequest(again) : checkResponse(again), undefined);
  assert.equal(again.isReworded, false);
  let copied = 0;
  for (let line = 0; line < index.headerCount; line++) {
    if (index.wording[line] === Wording.oddlyNamed) continue;
    assert.equal(again.ids[copied], index.ids[line]);
    assert.equal(again.value(copied), index.value(line));
    copied++;
  }
  assert.equal(again.headerCount, copied);
}

function inspectReceived(index: MessageIndex): void {
  const line = receivedEdit(index, '192.0.2.77', 5091);
  if (line === undefined) return;
  edit.begin(index);
  edit.replaceLine(index.first(Header.via), line);
  edit.insertFirst('Via: SIP/2.0/TLS edge.example;branch=z9hG4bKfuzz\r\n');
  const length = edit.write(out, 0);
  assert.equal(length, edit.byteLength());
  assert.equal(again.scan(out, 0, length), length);
  assert.equal(checkRequest(again), undefined);
  assert.equal(topViaBranch(again), 'z9hG4bKfuzz');
  assert.equal(fromDomain(again), fromDomain(index));
  assert.match(line, /;received=192\.0\.2\.77(?:;rport=5091)?(?:,|\r\n$)/);
}

/** A response is sane by itself, whatever the request was. */
function inspectReply(index: MessageIndex, status: number): void {
  const source = { address: '192.0.2.77', port: 5091 };
  const reply = formatReply(index, { status, reasonPhrase: 'Fuzz', toTag: 'fuzz', source });
  if (index.method() === 'ACK') return assert.equal(reply.length, 0);
  assert.equal(again.scan(reply, 0, reply.length), reply.length);
  assert.equal(again.status, status);
  assert.ok(again.fault === undefined || again.fault === 'sip-not-utf8');
  const fault = checkResponse(again) ?? 'none';
  assert.ok(['none', 'sip-not-utf8', 'sip-header-missing'].includes(fault), fault);
}

function inspectFields(index: MessageIndex, random: SeededRandom): void {
  fromDomain(index);
  for (let line = 0; line < index.headerCount; line++)
    inspectField(index.ids[line], index.value(line));
  const text = index.value(random.below(index.headerCount));
  if (index.headerCount > 0) random.pick(PARSERS)(text);
  inspectUri(index.requestUri());
}

function inspectField(id: number | undefined, text: string): void {
  switch (id) {
    case Header.via:
      return inspectVias(text);
    case Header.from:
    case Header.to:
    case Header.route:
    case Header.recordRoute:
      return splitList(text).forEach(inspectAddress);
    case Header.contact:
      return void parseContacts(text);
    case Header.cseq: {
      const cseq = parseCseq(text);
      if (cseq.ok) assert.deepEqual(parseCseq(formatCseq(cseq.value)), cseq);
      return;
    }
    case Header.contentType:
      return void parseContentType(text);
    case Header.event:
      return void parseEvent(text);
    case Header.maxForwards:
      return void parseMaxForwards(text);
    default:
  }
}

function inspectVias(text: string): void {
  const vias = parseViaList(text);
  if (!vias.ok) return;
  for (const via of vias.value)
    assert.deepEqual(parseVia(formatVia(via)), { ok: true, value: via });
}

function inspectAddress(text: string): void {
  const address = parseNameAddr(text);
  if (!address.ok) return;
  assert.deepEqual(parseNameAddr(formatNameAddr(address.value)), address);
  inspectUri(address.value.uri);
}

function inspectUri(text: string): void {
  const uri = parseSipUri(text);
  if (!uri.ok) return;
  const back = parseSipUri(formatSipUri(uri.value));
  assert.deepEqual(back, uri);
  assert.ok(back.ok && sameUri(back.value, uri.value));
}

const PARSERS: readonly ((text: string) => unknown)[] = [
  parseCallId,
  parseContacts,
  parseContentType,
  parseCseq,
  parseEvent,
  parseExpires,
  parseMaxForwards,
  parseNameAddr,
  parseSipUri,
  parseSubscriptionState,
  parseTokenList,
  parseVia,
  parseViaList,
  splitList,
];
