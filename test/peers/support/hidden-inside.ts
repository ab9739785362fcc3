import assert from 'node:assert/strict';
import { type Endpoint, hostPort, PARTNER_SERVER } from './addresses.ts';
import { headerValues, methodOf, type TracedMessage } from './trace.ts';

/** Whatever belongs inside, however it is written. */
const INSIDE =
  /127\.0\.20\.\d+|127\.0\.40\.\d+|[a-z0-9-]*\.?inner\.example|inner-phone|kamailio|sallyport/i;
const SOFTWARE = ['Server', 'User-Agent', 'Organization', 'Warning', 'P-Asserted-Identity', 'Path'];

/** Words of ours that a message tells a partner; empty when it tells nothing. */
export function leaks(message: TracedMessage): readonly string[] {
  const found: string[] = [];
  for (const line of message.text.split(/\r?\n/)) {
    if (INSIDE.test(line)) found.push(line);
  }
  for (const name of SOFTWARE) {
    for (const value of headerValues(message, name)) found.push(`${name}: ${value}`);
  }
  return found;
}

/**
 * What a partner received tells nothing of our inside, and looks as if one proxy with one public name had
 * sent it (RFC 3261 §16.6).
 */
export function assertNothingInside(
  received: readonly TracedMessage[],
  publicEdge: Endpoint,
): void {
  assert.ok(received.length > 0, 'the partner received nothing at all');
  for (const message of received) {
    assert.deepEqual(leaks(message), [], `leak in ${message.startLine}`);
    if (methodOf(message) !== undefined) assertOneHop(message, publicEdge);
  }
}

function assertOneHop(request: TracedMessage, publicEdge: Endpoint): void {
  const vias = headerValues(request, 'Via');
  assert.equal(vias.length, 1, `${request.startLine}: Via ${vias.join(' | ')}`);
  const [sentBy] = (vias[0] ?? '').replace(/^SIP\/2\.0\/T(LS|CP) /, '').split(';');
  assert.equal(sentBy, hostPort(publicEdge), `${request.startLine}: sent-by`);
  assert.match(vias[0] ?? '', /;branch=z9hG4bK/);
  // CANCEL, and ACK for a rejection, begin at this hop (RFC 3261 §9.1, §17.1.1.3).
  if (methodOf(request) === 'CANCEL' || methodOf(request) === 'ACK') return;
  const hops = Number(headerValues(request, 'Max-Forwards')[0]);
  assert.ok(hops < 70, `${request.startLine}: Max-Forwards ${hops} was not decremented`);
}

/**
 * Beside what the partner's own server wrote, one Record-Route with `lr` at our public address (RFC 3261
 * §16.6 step 4).
 */
export function assertRecordRouteIsOurs(message: TracedMessage, publicEdge: Endpoint): void {
  const values = headerValues(message, 'Record-Route')
    .flatMap((value) => value.split(','))
    .filter((value) => !value.includes(PARTNER_SERVER));
  assert.equal(values.length, 1, `${message.startLine}: Record-Route ${values.join(' | ')}`);
  const [, uri = ''] = /<([^>]*)>/.exec(values[0] ?? '') ?? [];
  const [target = '', ...parameters] = uri.split(';');
  assert.equal(target.replace(/^sips?:([^@]*@)?/, ''), hostPort(publicEdge), uri);
  assert.ok(parameters.includes('lr'), `${uri} has no lr`);
}
