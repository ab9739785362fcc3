import type { ProbeStepName } from '@sallyport/shared/channel/probe.ts';
import type { PartnerRecord } from '../../domain/exchange/partner/partner-record.ts';
import type { Evidence } from '../../domain/exchange/sighting/inbound-evidence.ts';
import type { ProbeFailure } from '../command-context.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { cutOffStep } from './partner-view.ts';

const ADVICE: Readonly<Record<ProbeStepName | Evidence['step'], string>> = {
  dns: 'ask the partner for its DNS records, or name its servers: sallyport partner change NAME --endpoint HOST:PORT',
  connect:
    'ask the partner whether its server is up, and both firewalls for TCP from our proxies to it',
  tls: 'tell the partner which TLS it must speak: 1.2 or 1.3 with forward secrecy, on the port that the DNS names',
  chain: 'tell the partner to let its server show its certificate with all between it and the root',
  names:
    'tell the partner to get a certificate for this domain, or agree a delegation and change its settings',
  purposes: 'tell the partner to get a certificate with the purpose serverAuth',
  dates: 'tell the partner to renew its certificate; then: sallyport partner receive NAME FILE',
  trust: 'get the partner’s present certificates: sallyport partner receive NAME FILE',
  'our-certificate':
    'send the partner our keys, and have it take them in: sallyport partner offer NAME; where it has them, ask whether it has cut us off',
  options: 'ask the partner what its SIP server logged about our OPTIONS',
  clock: 'tell the partner to set its clock by NTP, and look at ours',
  'accepted-keys':
    'sallyport partner show NAME: it is severed, switched off, or no set of keys is staged',
  'their-handshake': 'ask the partner to send something, and look again',
  'their-key-ends': 'ask the partner for its next key: sallyport partner receive NAME FILE',
  'our-key-taken': 'send the partner our keys: sallyport partner offer NAME',
  connections: 'sallyport partner show NAME',
};

/** What an operator does when a step has failed. */
export function checkAdvice(step: ProbeStepName | Evidence['step'], partner: string): string {
  return ADVICE[step].replace('NAME', partner);
}

/** Why nothing was tried. */
export function probeRefusal(
  code: ProbeFailure,
  record: PartnerRecord,
  domain: string,
  { proxy, severed }: { readonly proxy: string | undefined; readonly severed: readonly string[] },
): CommandRefusal {
  const partner = record.id;
  const detail = { partner, domain, ...(proxy !== undefined && { proxy }) };
  const isCutOff = record.severed === undefined && severed.includes(partner);
  const [message, next] =
    code === 'partner-unknown' && isCutOff
      ? [`${partner} is cut off: nothing is sent to it`, cutOffStep(partner)]
      : refusalText(code, record, domain, proxy);
  return { code: `check-${code}`, message, next, detail };
}

function refusalText(
  code: ProbeFailure,
  { id, severed, settings }: PartnerRecord,
  domain: string,
  proxy = 'the proxy',
): readonly [message: string, next: string] {
  switch (code) {
    case 'busy':
      return [
        `${proxy} is trying a partner already`,
        'wait twenty seconds, or name another --proxy',
      ];
    case 'too-often':
      return [`${id} was tried twice within a minute`, 'wait a minute, or name another --proxy'];
    case 'partner-unknown':
      if (severed !== undefined) {
        return [
          `${id} is severed: nothing is sent to it`,
          `sallyport partner restore ${id} --reason TEXT`,
        ];
      }
      return [
        `the proxies do not know ${id}: no key of it is staged`,
        `sallyport partner show ${id}`,
      ];
    case 'domain-unknown':
      return [`${domain} is no domain of ${id}`, `give one of: ${settings.domains.join(', ')}`];
    case 'draining':
      return [`${proxy} is being stopped`, 'name another --proxy'];
    case 'no-proxy':
      return ['no proxy is connected to this gateway', 'see the logs of proxies and gateway'];
    case 'proxy-unknown':
      return [`no proxy ${proxy} is connected to this gateway`, 'sallyport node list'];
    case 'proxy-too-old':
      return [`${proxy} runs a version that cannot try partners`, 'update the proxy'];
    case 'answer-missing':
      return [`${proxy} gave no answer`, 'see its log, and try again'];
    case 'answer-malformed':
      return [
        `the answer of ${proxy} is not understood`,
        'update gateway and proxy to one version',
      ];
  }
}
