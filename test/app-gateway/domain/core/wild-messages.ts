import type { Origin } from '@sallyport/app-gateway/domain/signalling.ts';
import type { SeededRandom } from '../../../fuzz/mutator.ts';
import { message } from './core-stage.ts';

const METHODS =
  'INVITE INVITE INVITE BYE PRACK UPDATE REFER SUBSCRIBE NOTIFY MESSAGE OPTIONS INFO'.split(' ');
const STATUSES =
  '100 100 180 183 199 200 200 202 204 299 300 302 401 404 408 480 481 486 487 500 503 503 600 699'.split(
    ' ',
  );
/** What names the inside of the stage's site. */
export const INSIDE = /inner\.example|\b10\.\d+\.\d+\.\d+\b/;

type Side = Origin['side'];

/** What a side has seen, to be used again wherever it fits or does not. */
interface Seen {
  readonly callIds: string[];
  readonly routes: string[];
  readonly contacts: string[];
  readonly tags: string[];
  readonly branches: string[];
}

/**
 * Messages that are sound by themselves and fit nothing else: tags, branches, Call-IDs, tokens and routes of any dialog, cut tokens
 * among them. Each side writes what it knows; the inside does not mind naming itself.
 */
export class WildMessages {
  readonly #random: SeededRandom;
  readonly #seen = {
    outside: seenAtFirst('c2@globex.example'),
    inside: seenAtFirst('c3@one.inner.example'),
  };

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** A side has received this. */
  learn(side: Side, text: string): void {
    const seen = this.#seen[side];
    for (const line of text.split('\r\n')) {
      const value = line.slice(line.indexOf(': ') + 2);
      if (line.startsWith('Record-Route: ')) seen.routes.push(...value.split(', '));
      if (line.startsWith('Contact: ')) seen.contacts.push(value);
      if (line.startsWith('Call-ID: ')) seen.callIds.push(value);
      const tag = /^To: .*;tag=(\w+)/.exec(line)?.[1];
      if (tag !== undefined) seen.tags.push(tag);
    }
  }

  method(): string {
    return this.#random.pick(METHODS);
  }

  tag(side: Side): string {
    return this.#lately(this.#seen[side].tags);
  }

  request({ side, peer }: Pick<Origin, 'side' | 'peer'>, method: string): string {
    const random = this.#random;
    const seen = this.#seen[side];
    const isOutside = side === 'outside';
    const partner = isOutside ? peer : random.pick(['globex', 'globex', 'initech']);
    const [theirs, ours] = [`sip:alice@${partner}.example`, 'sip:bob@acme.example'];
    const [from, to] = isOutside ? [theirs, ours] : [ours, theirs];
    const routes = Array.from({ length: random.pick([0, 0, 1, 1, 2]) }, () => this.#route(side));
    // With the route of a dialog that a partner began comes the Call-ID that the partner made.
    const callIds = seen.callIds
      .slice(-6)
      .filter((callId) => routes.length === 0 || !INSIDE.test(callId));
    return message([
      `${method} ${random.pick([to, to, ...this.#targets(side)])} SIP/2.0`,
      ...Array.from({ length: 1 + random.below(3) }, (_, at) => this.#via(side, at)),
      ...routes.map((route) => `Route: ${route}`),
      `Max-Forwards: ${random.pick([70, 70, 70, 1, 0])}`,
      `From: <${from}>;tag=${this.tag(side)}`,
      `To: <${to}>${random.below(2) === 0 ? '' : `;tag=${this.tag(side)}`}`,
      `Call-ID: ${random.pick([...callIds, 'c1'])}`,
      `CSeq: ${1 + random.below(4)} ${method}`,
      ...this.#extra(side),
    ]);
  }

  /** An answer to a request that came out of us towards that side; it need not be one that the request knows. */
  response(side: Side, request: string): string {
    const random = this.#random;
    const seldom = (one: number) => random.below(one) === 0;
    const status = random.pick(STATUSES);
    let lines = request
      .split('\r\n')
      .filter((line) => /^(?:Via|Record-Route|From|Call-ID|CSeq): /.test(line));
    if (seldom(15)) {
      lines = lines.map((line) => line.replace(/^(CSeq: \d+) \w+/, `$1 ${this.method()}`));
    }
    if (seldom(25)) lines = lines.map((line) => line.replace(/(;branch=[^;,\s]+)/, '$1x'));
    if (seldom(10)) lines = lines.filter((line) => !line.startsWith('Record-Route'));
    if (seldom(10)) lines = [...lines, ...lines.filter((line) => line.startsWith('Via'))];
    const to = /\r\nTo: (.*)\r\n/.exec(request)?.[1] ?? '';
    const isTagged = !to.includes(';tag=') && status !== '100' && !seldom(10);
    const isInside = side === 'inside';
    const above = isInside && seldom(3) ? ['Record-Route: <sip:two.inner.example:5061;lr>'] : [];
    return message([
      `SIP/2.0 ${status} ${isInside && seldom(5) ? 'at one.inner.example' : 'Words'}`,
      ...above,
      ...lines,
      `To: ${to}${isTagged ? `;tag=${this.#newTag(side)}` : ''}`,
      ...this.#extra(side).filter((line) => !line.startsWith('Record-Route')),
    ]);
  }

  /** Where requests go, beside addresses of record. */
  #targets(side: Side): string[] {
    const { contacts, routes } = this.#seen[side];
    if (side === 'inside') return uris(contacts.slice(-3));
    return [...uris([...contacts.slice(-3), ...routes.slice(-2)]), 'sip:sip.acme.example'];
  }

  #via(side: Side, at: number): string {
    const host = side === 'outside' ? 'edge.globex.example' : 'one.inner.example';
    const mark = this.#random.pick(['', ';alias', ';rport']);
    return `Via: SIP/2.0/TLS ${host}:5061;branch=${this.#branch(side, at)}${mark}`;
  }

  #branch(side: Side, at: number): string {
    const random = this.#random;
    const { branches } = this.#seen[side];
    if (at > 0 || random.below(5) === 0) return random.pick(branches.slice(-20));
    const cookie = random.pick(['z9hG4bK', 'z9hG4bK', 'old']);
    const branch = `${cookie}${random.below(1_000_000).toString(36)}`;
    branches.push(branch);
    return branch;
  }

  #route(side: Side): string {
    const random = this.#random;
    const host = side === 'outside' ? 'sip.acme.example' : 'gateway-1.inner.example';
    const own = `<sip:${host}:5061;transport=tls;lr>`;
    const route = random.pick([own, ...this.#seen[side].routes.slice(-4)]);
    // A token that was cut, or of which a letter is another one.
    const to = random.below(2) === 0 ? '$1' : '$1A';
    return random.below(6) === 0 ? route.replace(/(sp1-.{20})./, to) : route;
  }

  #extra(side: Side): string[] {
    const random = this.#random;
    const { callIds, contacts, routes } = this.#seen[side];
    const contact =
      side === 'outside'
        ? '<sip:alice@edge.globex.example:5061;transport=tls>'
        : '<sip:bob@two.inner.example:5070;transport=tls>';
    const callId = this.#lately(callIds);
    const all = [
      `Contact: ${random.pick([contact, ...contacts.slice(-2)])}`,
      `Record-Route: ${random.pick([contact, ...routes.slice(-2)])}`,
      `Refer-To: <sip:carol@acme.example?Replaces=${callId.replaceAll('@', '%40')}%3Bto-tag%3D1>`,
      `Replaces: ${callId};to-tag=1;from-tag=2`,
      `In-Reply-To: ${callIds.slice(-3).join(', ')}`,
      `Event: dialog;call-id="${callId}"`,
      `Referred-By: ${contact}`,
      'Retry-After: 5 (one.inner.example)',
      'Max-Breadth: 2',
      'Reason: Q.850;cause=16;text="one.inner.example"',
      'X-Server: one.inner.example',
      'Call-Info: <http://10.1.2.3/x>',
    ];
    const known = side === 'inside' ? all : all.filter((line) => !INSIDE.test(line));
    return known.filter(() => random.below(4) === 0);
  }

  #newTag(side: Side): string {
    const tag = `u${this.#random.below(50)}`;
    this.#seen[side].tags.push(tag);
    return tag;
  }

  #lately(values: readonly string[]): string {
    return this.#random.pick(values.slice(-5));
  }
}

function seenAtFirst(callId: string): Seen {
  const [tags, branches] = [
    ['t1', 't2'],
    ['z9hG4bKa', 'old'],
  ];
  return { callIds: ['c1', callId], routes: [], contacts: [], tags, branches };
}

function uris(values: readonly string[]): string[] {
  return values.flatMap((value) => /<([^>]*)>/.exec(value)?.[1] ?? []);
}
