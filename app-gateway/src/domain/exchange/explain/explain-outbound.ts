import { hostPort } from '@sallyport/shared/net/host-port.ts';
import { coversAddress, coversDomain, sipIdentities } from '@sallyport/shared/x509/sip-identity.ts';
import { transportTo } from '../../../config/plain-tcp.ts';
import { isAccepted } from '../../../config/trust-state.ts';
import { utcText } from '../exchange-refusal.ts';
import { keyName } from '../identity/identity-keys.ts';
import { presentedKeyOf } from '../identity/presented-key.ts';
import type { PartnerRecord } from '../partner/partner-record.ts';
import { explainPath } from './explain-path.ts';
import { type ExplainView, type ReadQuery, severanceOf } from './explain-query.ts';
import { CheckList, type ExplainedCheck } from './explained-check.ts';

/** From us to a partner: the gateway's rules, then the proxy's way out. */
export function explainOutbound(
  view: ExplainView,
  query: ReadQuery,
  nowMs: number,
): readonly ExplainedCheck[] {
  const list = new CheckList('gateway');
  const { toDomain } = query;
  if (toDomain === undefined) {
    list.fail('recipient', 'request-uri-syntax', 'the recipient is no SIP URI');
    return list.checks;
  }
  const partner = outboundPartner(view, query);
  partnerCheck(list, partner, view, toDomain);
  const isOurs = query.fromDomain !== undefined && view.domains.includes(query.fromDomain);
  list.judge(isOurs, 'sender', 'sender-not-ours', `our domains: ${view.domains.join(', ')}`);
  if (partner === undefined) return list.checks;
  const { method } = query;
  const { methods } = partner.settings;
  const isMethod = method === 'ACK' || method === 'CANCEL' || methods.includes(method);
  list.judge(isMethod, 'method', 'method-not-allowed', `allowed: ${methods.join(', ')}`);
  list.notKnown('proxy within reach', 'it hangs on what is up at that time');
  return [...list.checks, ...proxyChecks(view, partner, query, toDomain, nowMs)];
}

/** Whose domain the message goes to. */
export function outboundPartner(
  { partners }: ExplainView,
  { toDomain = '' }: ReadQuery,
): PartnerRecord | undefined {
  return partners.find(({ settings }) => settings.domains.includes(toDomain));
}

function partnerCheck(
  list: CheckList,
  partner: PartnerRecord | undefined,
  view: ExplainView,
  toDomain: string,
): void {
  const check = 'partner known';
  if (partner === undefined) {
    const isOwn = view.domains.includes(toDomain);
    const code = isOwn ? 'own-domain-is-inside' : 'partner-unknown';
    return list.fail(check, code, `${toDomain} is ${isOwn ? 'ours' : 'no partner\u2019s'}`);
  }
  const { id, settings } = partner;
  const severance = severanceOf(view, partner);
  if (severance !== undefined) return list.fail(check, 'partner-unknown', severance);
  const detail = settings.enabled ? `it is ${id}` : `${id} is switched off`;
  list.judge(settings.enabled, check, 'partner-unknown', detail);
}

function proxyChecks(
  { identities }: ExplainView,
  partner: PartnerRecord,
  query: ReadQuery,
  toDomain: string,
  nowMs: number,
): readonly ExplainedCheck[] {
  const list = new CheckList('proxy');
  const { settings } = partner;
  const trustSets = partner.trustSets.filter(isAccepted);
  const isPlain = transportTo({ ...settings, trustSets }) === 'tcp';
  if (isPlain) list.pass('plain TCP', 'allowed: no certificate is shown or asked for');
  else ownCertificateCheck(list, partner, identities, nowMs);
  if (settings.endpoints.length > 0) {
    const places = settings.endpoints.map(({ host, port }) => hostPort(host, port)).join(', ');
    list.pass('target', `agreed: ${places}`);
  } else list.notKnown('target', `found in DNS at that time: ${toDomain}`, 'no-target');
  list.notKnown('connection', `${settings.connectionsMax} at once`, 'limit');
  if (isPlain) return list.checks;
  serverNameCheck(list, partner, query, toDomain);
  explainPath(list, partner, query.peer, 'server', nowMs);
  return list.checks;
}

function ownCertificateCheck(
  list: CheckList,
  partner: PartnerRecord,
  identities: ExplainView['identities'],
  nowMs: number,
): void {
  const check = 'our certificate';
  const presented = presentedKeyOf(partner, identities);
  if (presented === undefined) {
    return list.fail(check, 'no-target', 'no identity of ours has a key in use');
  }
  const { identity, key } = presented;
  const shown = keyName(identity.name, key.id);
  const { notAfterMs } = key;
  if (notAfterMs === undefined || nowMs <= notAfterMs) return list.pass(check, `we show ${shown}`);
  list.notKnown(check, `we show ${shown}, which ended on ${utcText(notAfterMs)}: expect an alert`);
}

/** One of the names asked for: the recipient's host, or any domain of theirs behind an agreed endpoint. */
function serverNameCheck(
  list: CheckList,
  { settings }: PartnerRecord,
  { peer, peerFault, chain }: ReadQuery,
  toDomain: string,
): void {
  const check = 'server\u2019s name';
  const isPlain = settings.endpoints.length === 0 || settings.domains.includes(toDomain);
  const names = isPlain ? [toDomain] : [toDomain, ...settings.domains];
  if (chain === undefined) {
    return list.notKnown(check, `no certificate was given; it must cover ${names.join(' or ')}`);
  }
  if (peer === undefined) return list.fail(check, peerFault ?? '', 'the certificate is unreadable');
  const isCovered = names.some(
    (name) => coversDomain(peer.leaf, name) || coversAddress(peer.leaf, name),
  );
  const shown = sipIdentities(peer.leaf).domains.join(', ') || 'nothing';
  const detail = `it names ${shown}; asked for was ${names.join(' or ')}`;
  list.judge(isCovered, check, 'identity-domain-not-covered', detail);
}
