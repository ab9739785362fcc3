import { NetworkSet } from '@sallyport/shared/net/network.ts';
import { sipIdentities } from '@sallyport/shared/x509/sip-identity.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import { asksAsServer, isForEdge } from './explain-options.ts';
import { explainPath } from './explain-path.ts';
import { type ExplainView, type ReadQuery, severanceOf } from './explain-query.ts';
import { CheckList, type ExplainedCheck } from './explained-check.ts';

const EVENT_METHODS = ['SUBSCRIBE', 'NOTIFY', 'PUBLISH'];

/** From a partner to us: the proxy's handshake and screens, then the gateway's rules. */
export function explainInbound(
  view: ExplainView,
  query: ReadQuery,
  nowMs: number,
): readonly ExplainedCheck[] {
  const partner = inboundPartner(view, query, nowMs);
  const handshake = handshakeChecks(view, partner, query, nowMs);
  if (partner !== undefined && isForEdge(view, query)) {
    return [...handshake, ...edgeChecks(partner, query)];
  }
  return [
    ...handshake,
    ...(partner === undefined ? [] : screenChecks(partner, query)),
    ...gatewayChecks(view, partner, query),
  ];
}

/**
 * Who the certificate names, in the order of its names; without one, whose the sender's domain is.
 *
 * Of several, the first whose source and path hold; or else the last, whose fault the proxy reports.
 */
export function inboundPartner(
  view: ExplainView,
  query: ReadQuery,
  nowMs: number,
): PartnerRecord | undefined {
  const names = namesShown(query) ?? [query.fromDomain ?? ''];
  const named = names.flatMap(
    (name) => view.partners.find((partner) => certificateNames(partner).has(name)) ?? [],
  );
  const live = named.filter(
    (partner) => partner.settings.enabled && severanceOf(view, partner) === undefined,
  );
  const proven = live.find((partner) => {
    const list = new CheckList('proxy');
    sourceCheck(list, partner.settings.sourceNetworks, query.sourceIp);
    explainPath(list, partner, query.peer, 'client', nowMs);
    return list.checks.every(({ outcome }) => outcome !== 'fail');
  });
  return proven ?? live.at(-1) ?? named[0];
}

function handshakeChecks(
  view: ExplainView,
  partner: PartnerRecord | undefined,
  query: ReadQuery,
  nowMs: number,
): readonly ExplainedCheck[] {
  const list = new CheckList('proxy');
  const { chain, peerFault, sourceIp } = query;
  list.notKnown('connection limits', 'they hang on how much the proxies carry at that time');
  if (chain !== undefined) {
    const detail = peerFault ?? 'it can be read';
    list.judge(peerFault === undefined, 'certificate', peerFault ?? '', detail);
  }
  if (partner === undefined) {
    const names = namesShown(query)?.join(', ');
    const detail =
      names === undefined
        ? `no partner has the domain ${query.fromDomain ?? 'of no URI'}`
        : `it names: ${names || 'nobody'}`;
    list.fail('partner known', 'identity-unknown', detail);
    return list.checks;
  }
  const { id, settings } = partner;
  list.judge(settings.enabled, 'partner known', 'identity-unknown', knownDetail(partner));
  const severance = severanceOf(view, partner);
  if (severance === undefined) list.pass('partner severed', `${id} is not severed`);
  else list.fail('partner severed', 'identity-unknown', severance);
  sourceCheck(list, settings.sourceNetworks, sourceIp);
  if (isPlain(partner, query)) plainCheck(list, view);
  else explainPath(list, partner, query.peer, 'client', nowMs);
  const { connectionsMax, messagesPerSecond, messagesBurst } = settings;
  list.notKnown('partner connections', `${connectionsMax} at once`, 'partner-connections-max');
  const rate = `${messagesPerSecond} a second, ${messagesBurst} in a burst`;
  list.notKnown('message rate', rate, 'rate-exceeded');
  return list.checks;
}

/** Without a certificate, one that may speak plain SIP is asked for nothing but its address. */
function isPlain({ settings }: PartnerRecord, { chain }: ReadQuery): boolean {
  return settings.plainTcp && chain === undefined;
}

function plainCheck(list: CheckList, { hasPlainListener }: ExplainView): void {
  const check = 'plain TCP';
  if (hasPlainListener) return list.pass(check, 'allowed: its source network is all the proof');
  list.fail(check, 'no-listener', 'it is allowed, and no listener of ours has transport: tcp');
}

function knownDetail({ id, settings }: PartnerRecord): string {
  return settings.enabled ? `it is ${id}` : `${id} is switched off`;
}

function sourceCheck(
  list: CheckList,
  networks: readonly string[],
  sourceIp: string | undefined,
): void {
  const check = 'source network';
  if (networks.length === 0) return list.pass(check, 'any source is allowed');
  const allowed = networks.join(', ');
  if (sourceIp === undefined)
    return list.notKnown(check, `no source was given; allowed: ${allowed}`);
  const set = NetworkSet.parse(networks);
  const isInside = set.ok && set.value.contains(sourceIp);
  const detail = `${sourceIp} is ${isInside ? '' : 'not '}in ${allowed}`;
  list.judge(isInside, check, 'identity-source-network', detail);
}

/** In the order of the proxy's screens: method, domain in From, event package. */
function screenChecks(partner: PartnerRecord, query: ReadQuery): readonly ExplainedCheck[] {
  const list = new CheckList('proxy');
  const { settings } = partner;
  const { method, eventPackage } = query;
  firstScreens(list, partner, query);
  fromCheck(list, partner, query);
  if (EVENT_METHODS.includes(method)) {
    const allowed = `allowed: ${settings.eventPackages.join(', ') || 'none'}`;
    if (eventPackage === undefined) {
      list.notKnown('event package', `none was given; ${allowed}`, 'event-package-not-allowed');
    } else {
      const isAllowed = settings.eventPackages.includes(eventPackage);
      list.judge(isAllowed, 'event package', 'event-package-not-allowed', allowed);
    }
  }
  list.notKnown('gateway within reach', 'it hangs on what is up at that time', 'no-gateway');
  const inFlight = `${settings.requestsInFlightMax} at once`;
  if (method !== 'ACK') list.notKnown('requests in flight', inFlight, 'requests-in-flight-max');
  return list.checks;
}

/** An OPTIONS that the edge answers by itself: nothing of it comes inside. */
function edgeChecks(partner: PartnerRecord, query: ReadQuery): readonly ExplainedCheck[] {
  const list = new CheckList('proxy');
  firstScreens(list, partner, query);
  const names = namesShown(query) ?? [];
  const domains = isPlain(partner, query)
    ? partner.settings.domains
    : coveredDomains(partner, names);
  if (asksAsServer(query.fromDomain, domains, names)) {
    list.pass('sender\u2019s domain', 'a server of the partner may ask in its own name');
  } else fromCheck(list, partner, query);
  list.notKnown('extensions', 'it may require none (Require)', 'options-requires-extension');
  list.pass('answered by the edge', '200, whatever stands behind it: it asks the edge itself');
  return list.checks;
}

function firstScreens(list: CheckList, { settings }: PartnerRecord, { method }: ReadQuery): void {
  list.notKnown('syntax', 'it hangs on the message itself');
  const isMethod = isFree(method) || settings.methods.includes(method);
  list.judge(isMethod, 'method', 'method-not-allowed', `allowed: ${settings.methods.join(', ')}`);
}

function fromCheck(list: CheckList, partner: PartnerRecord, query: ReadQuery): void {
  const check = 'sender\u2019s domain';
  const { fromDomain } = query;
  const names = namesShown(query);
  if (fromDomain === undefined) {
    return list.fail(check, 'sip-uri-malformed', 'the sender is no SIP URI');
  }
  const mayEver = partner.settings.domains.includes(fromDomain);
  if (mayEver && isPlain(partner, query)) {
    return list.pass(check, `its networks speak for: ${partner.settings.domains.join(', ')}`);
  }
  if (names === undefined && mayEver) {
    return list.notKnown(check, `no certificate was given that covers ${fromDomain}`);
  }
  const covered = coveredDomains(partner, names ?? []);
  const detail = `the certificate speaks for: ${covered.join(', ') || 'no domain of this partner'}`;
  list.judge(covered.includes(fromDomain), check, 'from-domain-not-covered', detail);
}

/** The partner's domains that its certificate names, and those delegated to a name in it. */
function coveredDomains({ settings }: PartnerRecord, names: readonly string[]): readonly string[] {
  const delegated = settings.delegations
    .filter(({ certificate }) => names.includes(certificate))
    .flatMap(({ domains }) => domains);
  return settings.domains.filter((name) => names.includes(name) || delegated.includes(name));
}

/** In the order of the gateway's rules: method, sender, then where it leads. */
function gatewayChecks(
  view: ExplainView,
  partner: PartnerRecord | undefined,
  { method, fromDomain, toDomain }: ReadQuery,
): readonly ExplainedCheck[] {
  const list = new CheckList('gateway');
  if (partner !== undefined) {
    const { methods, domains, priorityNamespaces = [] } = partner.settings;
    const isMethod = isFree(method) || methods.includes(method);
    list.judge(isMethod, 'method', 'method-not-allowed', `allowed: ${methods.join(', ')}`);
    const isSender = domains.includes(fromDomain ?? '');
    list.judge(isSender, 'sender', 'sender-not-of-partner', `domains: ${domains.join(', ')}`);
    if (!isFree(method)) {
      const agreed = `where it is required, it must be of: ${priorityNamespaces.join(', ') || 'none'}`;
      list.notKnown('resource priority', agreed, 'resource-priority-unknown');
    }
  }
  if (toDomain === undefined) {
    list.fail('recipient', 'request-uri-syntax', 'the recipient is no SIP URI');
    return list.checks;
  }
  const community = view.communities.find(({ domains }) => domains.includes(toDomain));
  if (community !== undefined) {
    list.pass('recipient', `${toDomain} is served by ${community.id}`);
    list.notKnown('community up', 'it hangs on what is up at that time', 'community-down');
  } else if (view.domains.includes(toDomain)) {
    list.fail('recipient', 'no-community-for-domain', `no community serves ${toDomain}`);
  } else if (view.publicHosts.includes(toDomain)) {
    list.notKnown('recipient', 'our own name: only a dialog that began here leads on');
  } else list.fail('recipient', 'no-open-relay', `${toDomain} is not ours`);
  return list.checks;
}

/** Names by which a certificate is this partner's. */
function certificateNames({ settings }: PartnerRecord): ReadonlySet<string> {
  return new Set([
    ...settings.domains,
    ...settings.delegations.map(({ certificate }) => certificate),
  ]);
}

function namesShown({ chain, peer }: ReadQuery): readonly string[] | undefined {
  if (chain === undefined) return undefined;
  return peer === undefined ? [] : sipIdentities(peer.leaf).domains;
}

/** They belong to an INVITE that was let in. */
function isFree(method: string): boolean {
  return method === 'ACK' || method === 'CANCEL';
}
