import assert from 'node:assert/strict';
import { ProxyCore } from '@sallyport/app-gateway/domain/core/proxy-core.ts';
import type { TransactionShare } from '@sallyport/app-gateway/domain/core/transaction-share.ts';
import { RouteTokens } from '@sallyport/app-gateway/domain/route-token.ts';
import type { Refusal } from '@sallyport/app-gateway/domain/routing/refusal.ts';
import type {
  CommunitySide,
  Link,
  OnLink,
  Origin,
  Outgoing,
  OwnName,
  PartnerSide,
  PartnerTarget,
  Way,
} from '@sallyport/app-gateway/domain/signalling.ts';
import type { Community, Partner, SiteView } from '@sallyport/app-gateway/domain/site-view.ts';
import { MessageIndex, type MessageLimits } from '@sallyport/shared/sip/message-index.ts';

export const LIMITS: MessageLimits = {
  headBytesMax: 65_536,
  bodyBytesMax: 65_536,
  requestUriBytesMax: 8192,
  lineBytesMax: 16_384,
  headersMax: 256,
};

const METHODS = new Set(
  'MESSAGE OPTIONS INVITE BYE SUBSCRIBE NOTIFY REFER PRACK UPDATE INFO'.split(' '),
);
const STAFF: Community = {
  id: 'staff',
  domains: ['acme.example'],
  hosts: [
    { host: 'one.inner.example', port: 5061 },
    { host: 'two.inner.example', port: 5061 },
  ],
};
const AGREED = {
  priorityNamespaces: new Set<string>(),
  connectionReuse: 'alias',
  messagesPerSecond: 100,
  messagesBurst: 200,
  transport: 'tls',
} as const;
const GLOBEX: Partner = {
  id: 'globex',
  domains: ['globex.example'],
  methods: METHODS,
  ...AGREED,
};
const INITECH: Partner = {
  id: 'initech',
  domains: ['initech.example'],
  methods: new Set(['MESSAGE']),
  ...AGREED,
};

/** The public name, and that of another listener. */
export const SIP_ACME: OwnName = { hostPort: 'sip.acme.example:5061', transport: 'tls' };
export const NORTH_ACME: OwnName = { hostPort: 'north.acme.example:5071', transport: 'tls' };

/** A site of one community and two partners, one of which may only send messages. */
export const SITE: SiteView = {
  outsideNames: new Set(['sip.acme.example:5061', 'north.acme.example:5071']),
  outsideHosts: new Set(['sip.acme.example', 'north.acme.example']),
  innerName: { hostPort: 'gateway-1.inner.example:5061', transport: 'tls' },
  innerHost: 'gateway-1.inner.example',
  innerAddresses: new Set(['10.1.9.1']),
  innerNames: new Set(['gateway-1.inner.example:5061', 'gateway-2.inner.example:5061']),
  ownDomains: new Set(['acme.example', 'empty.acme.example']),
  communityByDomain: new Map([['acme.example', STAFF]]),
  communityById: new Map([['staff', STAFF]]),
  partnerByDomain: new Map([
    ['globex.example', GLOBEX],
    ['initech.example', INITECH],
  ]),
  partnerById: new Map([GLOBEX, INITECH].map((partner) => [partner.id, partner] as const)),
  requestUriBytesMax: 2048,
};

export const CLUSTER_KEY = Buffer.alloc(32, 7);

/** One message that the core sent, with where to. */
export interface Sent {
  readonly to: 'partner' | 'community' | 'origin';
  /** Host inside, next hop outside, or how the origin is called. */
  readonly where: string;
  readonly target: PartnerTarget | undefined;
  /** Client transaction towards a partner, or exchange of a response. */
  readonly number: number;
  readonly isFinal: boolean;
  readonly text: string;
}

export class FakeLink implements Link {
  readonly remote: string;
  readonly peer: string;
  readonly flow: string;
  lastWaiting: OnLink | undefined;

  constructor(remote: string, peer: string, flow: string) {
    this.remote = remote;
    this.peer = peer;
    this.flow = flow;
  }
}

export class FakeOrigin implements Origin {
  readonly side: Origin['side'];
  readonly peer: string;
  readonly flow: string;
  readonly sourceAddress: string = '192.0.2.1';
  readonly sourcePort = 40_000;
  readonly share: TransactionShare;
  isReusable = false;
  isOpen = true;
  isOrphaned = false;
  /** Exchanges that get no answer. */
  readonly abandoned: number[] = [];
  readonly ownName?: OwnName;
  readonly #sent: Sent[];

  constructor(
    side: Origin['side'],
    peer: string,
    flow: string,
    sent: Sent[],
    ownName: OwnName = SIP_ACME,
    share: TransactionShare = { held: 0, bytes: 0 },
  ) {
    this.share = share;
    if (side === 'outside') this.ownName = ownName;
    this.side = side;
    this.peer = peer;
    this.flow = flow;
    this.#sent = sent;
  }

  allowReuse(): void {
    this.isReusable = true;
  }

  abandon(exchange: number): void {
    this.abandoned.push(exchange);
  }

  respond(exchange: number, isFinal: boolean, response: Outgoing): boolean {
    if (!this.isOpen) return false;
    const to = { to: 'origin', where: this.peer, target: undefined } as const;
    this.#sent.push({ ...to, number: exchange, isFinal, text: textOf(response) });
    return true;
  }
}

/** A core between fakes of its two sides, on a clock of its own. */
export class CoreStage implements PartnerSide, CommunitySide {
  readonly sent: Sent[] = [];
  readonly refusals: string[] = [];
  readonly strays: string[] = [];
  readonly core: ProxyCore;
  readonly globex = new FakeOrigin('outside', 'globex', 'edge-1/0/1', this.sent);
  readonly initech = new FakeOrigin('outside', 'initech', 'edge-1/0/2', this.sent);
  readonly staff = new FakeOrigin('inside', 'staff', '', this.sent);
  readonly links = new Map<string, FakeLink>();
  /** Hosts that are up, best first. */
  up = ['staff/one.inner.example:5061', 'staff/two.inner.example:5061'];
  /** Hosts and partners to which a send fails at once. */
  readonly broken = new Set<string>();
  readonly preferred: (string | undefined)[] = [];
  /** Whose requests went inside. */
  readonly partners: string[] = [];
  isUp = true;
  /** How partners know us on the connection that carries a request out. */
  ownName = SIP_ACME;
  nowMs = 0;
  readonly nextTurn: (() => void)[] = [];
  readonly #index = new MessageIndex(LIMITS);

  constructor(
    site: SiteView = SITE,
    epoch = 'epoch00001',
    key = CLUSTER_KEY,
    transactionsMax = 100,
    transactionBytesMax = 1_048_576,
    clientNumberMax?: number,
  ) {
    this.core = new ProxyCore(
      {
        node: 'node1',
        epoch,
        planning: { tokens: new RouteTokens(key), loopSeed: 'seed' },
        limits: LIMITS,
        transactionsMax: { held: transactionsMax, bytes: transactionBytesMax },
        ...(clientNumberMax !== undefined && { clientNumberMax }),
        nowMs: () => this.nowMs,
        nextTurn: (then) => this.nextTurn.push(then),
        hashSeed: [1, 2],
        observer: {
          refused: (_origin, refusal: Refusal) => this.refusals.push(refusal.rule),
          forwarded: () => undefined,
          answered: () => undefined,
          stray: (kind) => this.strays.push(kind),
        },
      },
      site,
      this,
      this,
    );
  }

  hosts(_community: string, preferred: string | undefined): readonly string[] {
    this.preferred.push(preferred);
    return this.up;
  }

  way(target: PartnerTarget): Way | undefined {
    if (this.broken.has(target.partner)) return undefined;
    return {
      ownName: this.ownName,
      carry: (number, request) => this.#sent(target, number, request),
    };
  }

  send(host: string, partner: string, request: Outgoing): Link | undefined {
    this.partners.push(partner);
    return this.#sent(host, 0, request);
  }

  #sent(to: string | PartnerTarget, number: number, request: Outgoing): Link | undefined {
    const isInside = typeof to === 'string';
    const where = isInside ? to : to.nextHop;
    const key = isInside ? to : to.partner;
    if (this.broken.has(key)) return undefined;
    this.sent.push({
      to: isInside ? 'community' : 'partner',
      where,
      target: isInside ? undefined : to,
      number,
      isFinal: false,
      text: textOf(request),
    });
    return isInside
      ? this.link(key, 'staff', '')
      : this.link(`198.51.100.7:5061`, key, `edge-1/0/${key}`);
  }

  link(remote: string, peer: string, flow: string): FakeLink {
    const known = this.links.get(remote + peer);
    if (known !== undefined) return known;
    const link = new FakeLink(remote, peer, flow);
    this.links.set(remote + peer, link);
    return link;
  }

  /** A request arrives; lines are joined by CRLF. */
  request(origin: Origin, text: string, exchange = 1): void {
    this.core.request(this.#scan(text), origin, exchange);
  }

  response(peer: string, text: string): void {
    this.core.response(this.#scan(text), peer);
  }

  /** Time passes in the steps of the gateway's tick. */
  pass(ms: number): void {
    for (const until = this.nowMs + ms; this.nowMs < until; ) {
      this.nowMs = Math.min(until, this.nowMs + 50);
      this.core.advance(this.nowMs);
    }
  }

  /** What was sent since the last call. */
  take(): Sent[] {
    return this.sent.splice(0);
  }

  one(): Sent {
    const sent = this.take();
    const said = sent.map(({ text }) => startLine(text)).join(' | ');
    assert.equal(sent.length, 1, said || 'none sent');
    return sent[0] as Sent;
  }

  #scan(text: string): MessageIndex {
    // In a larger buffer, as in a connection: offsets that are taken for positions show up.
    const bytes = Buffer.from(`garbage before${text}garbage behind`, 'latin1');
    const length = this.#index.scan(bytes, 14, bytes.length - 14);
    assert.ok(length > 0, `does not scan: ${this.#index.fault} in ${text}`);
    return this.#index;
  }
}

export function textOf(message: Outgoing): string {
  const length = message.byteLength();
  const bytes = Buffer.alloc(length + 20, 0x2a);
  assert.equal(message.write(bytes, 10), 10 + length, 'byteLength and write disagree');
  assert.equal(bytes.toString('latin1', 0, 10), '**********');
  assert.equal(bytes.toString('latin1', 10 + length), '**********');
  return bytes.toString('latin1', 10, 10 + length);
}

export function startLine(text: string): string {
  return text.slice(0, text.indexOf('\r\n'));
}

/** Values of the header lines of that exact name, in order. */
export function headers(text: string, name: string): string[] {
  const head = text.slice(0, text.indexOf('\r\n\r\n')).split('\r\n').slice(1);
  return head
    .filter((line) => line.startsWith(`${name}: `))
    .map((line) => line.slice(name.length + 2));
}

export function header(text: string, name: string): string {
  const [value, ...more] = headers(text, name);
  assert.ok(value !== undefined, `no ${name} in ${text}`);
  assert.equal(more.length, 0, `several ${name} in ${text}`);
  return value;
}

/** A message from its lines, with Content-Length and end of head. */
export function message(lines: readonly string[], body = ''): string {
  return `${lines.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(body, 'latin1')}\r\n\r\n${body}`;
}

export interface RequestParts {
  readonly uri?: string;
  readonly via?: string;
  readonly from?: string;
  readonly to?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly maxForwards?: number | null;
  readonly extra?: readonly string[];
  readonly body?: string;
}

/** A request of a partner's user to ours. */
export function fromPartner(method: string, parts: RequestParts = {}): string {
  return requestText(method, {
    uri: 'sip:bob@acme.example',
    via: 'SIP/2.0/TLS edge.globex.example:5061;branch=z9hG4bKglobex1',
    from: '<sip:alice@globex.example>;tag=alice1',
    to: '<sip:bob@acme.example>',
    callId: 'call-1',
    ...parts,
  });
}

/** A request of a user of ours to the partner's. */
export function fromInside(method: string, parts: RequestParts = {}): string {
  return requestText(method, {
    uri: 'sip:alice@globex.example',
    via: 'SIP/2.0/TLS one.inner.example:5061;branch=z9hG4bKinner1',
    from: '<sip:bob@acme.example>;tag=bob1',
    to: '<sip:alice@globex.example>',
    callId: 'call-2',
    ...parts,
  });
}

function requestText(method: string, parts: RequestParts): string {
  const { maxForwards = 70, cseq = 1, extra = [] } = parts;
  return message(
    [
      `${method} ${parts.uri} SIP/2.0`,
      `Via: ${parts.via}`,
      ...(maxForwards === null ? [] : [`Max-Forwards: ${maxForwards}`]),
      `From: ${parts.from}`,
      `To: ${parts.to}`,
      `Call-ID: ${parts.callId}`,
      `CSeq: ${cseq} ${method}`,
      ...extra,
    ],
    parts.body,
  );
}

/** A response as the receiver of a request makes it. */
export function responseTo(
  request: string,
  status: number,
  extra: readonly string[] = [],
  toTag = 'far1',
): string {
  const to = header(request, 'To');
  const copied = (name: string) => headers(request, name).map((value) => `${name}: ${value}`);
  return message([
    `SIP/2.0 ${status} Reason`,
    ...copied('Via'),
    ...copied('Record-Route'),
    `From: ${header(request, 'From')}`,
    `To: ${to.includes('tag=') || status === 100 ? to : `${to};tag=${toTag}`}`,
    `Call-ID: ${header(request, 'Call-ID')}`,
    `CSeq: ${header(request, 'CSeq')}`,
    ...extra,
  ]);
}
