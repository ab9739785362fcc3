import { formatAddress, parseAddress } from './address.ts';
import { type DnsAnswer, type DnsQuestion, dnsName, type SrvRecord } from './dns-record.ts';
import { sipsServiceNames } from './naptr.ts';
import type { NetworkSet } from './network.ts';
import { isNotOffered, orderSrv, type RandomUpTo } from './srv-order.ts';
import { type HostPort, isForbidden, type Target, targetsOf } from './target.ts';

/** What is looked for: the parts of a sip or sips URI that decide where it leads. */
export interface LocateSubject {
  readonly scheme: 'sip' | 'sips';
  /** A domain, an IPv4 address, or an IPv6 address with or without brackets. */
  readonly host: string;
  readonly port?: number;
  /** The `transport` parameter. */
  readonly transport?: string;
}

/** How to look. */
export interface LocateOptions {
  /** Address families we can reach, the preferred one first. */
  readonly families: readonly ('A' | 'AAAA')[];
  /** Also ask for `_sipfederationtls._tcp`, under which Skype for Business companies are found. */
  readonly federationService: boolean;
  /** Addresses never to connect to, such as our own inner networks. */
  readonly forbidden: NetworkSet;
  readonly randomUpTo: RandomUpTo;
}

/** Why there is nowhere to go. Only `dns-failed` is worth another try soon. */
export type LocateFailure =
  | 'transport-unsupported'
  | 'host-malformed'
  | 'not-offered'
  | 'no-target'
  | 'dns-failed';

/** What to do next: ask all questions and step with the answers in the same order, or the end. */
export type LocateTurn =
  | {
      readonly kind: 'ask';
      readonly questions: readonly DnsQuestion[];
      readonly state: LocateState;
    }
  | { readonly kind: 'found'; readonly targets: readonly Target[] }
  | { readonly kind: 'failed'; readonly reason: LocateFailure };

/** Between two turns. Opaque to the driver. */
export type LocateState =
  | { readonly at: 'naptr'; readonly domain: string }
  | ServicesState
  | AddressesState;

interface ServicesState {
  readonly at: 'services';
  readonly domain: string;
  /** Service names to ask for when these lead nowhere. */
  readonly next: readonly string[];
  /** What is known against falling back to the domain's own address. */
  readonly failure: LocateFailure | undefined;
}

interface AddressesState {
  readonly at: 'addresses';
  readonly domain: string;
  readonly hosts: readonly HostPort[];
  readonly questions: readonly DnsQuestion[];
}

/**
 * Begins to find the servers for a SIP URI (RFC 3263 §4), TLS being all we speak.
 *
 * A numeric host needs no DNS; a port given forbids NAPTR and SRV; a transport given
 * forbids NAPTR. Without NAPTR records, or with none for TLS, the service name is
 * `_sips._tcp` for `sip:` URIs too; without SRV records the host itself on port 5061.
 * `maddr` is not looked at: it would part the name that is verified from the place connected to.
 */
export function beginLocate(subject: LocateSubject, options: LocateOptions): LocateTurn {
  if (!isTls(subject)) return failed('transport-unsupported');
  const literal = parseAddress(subject.host.replace(/^\[(.*)\]$/, '$1'));
  const port = subject.port ?? SIPS_PORT;
  if (literal) {
    const address = formatAddress(literal);
    if (isForbidden(literal, options.forbidden)) return failed('no-target');
    return { kind: 'found', targets: [{ address, port, serverName: address }] };
  }
  const domain = dnsName(subject.host);
  if (!domain) return failed('host-malformed');
  if (subject.port !== undefined) return askAddresses(domain, [{ host: domain, port }], options);
  if (subject.transport !== undefined) return askServices(domain, [], options);
  const questions = [{ type: 'NAPTR', name: domain } as const];
  return { kind: 'ask', questions, state: { at: 'naptr', domain } };
}

/** Takes the answers to the last questions. */
export function stepLocate(
  state: LocateState,
  answers: readonly DnsAnswer[],
  options: LocateOptions,
): LocateTurn {
  switch (state.at) {
    case 'naptr': {
      // A server that cannot do NAPTR is no reason to give up: SRV is asked all the same.
      const [answer] = answers;
      const names = answer?.kind === 'naptr' ? sipsServiceNames(answer.records) : [];
      return askServices(state.domain, names, options);
    }
    case 'services':
      return afterServices(state, answers, options);
    case 'addresses':
      return afterAddresses(state, answers, options);
  }
}

function askServices(
  domain: string,
  fromNaptr: readonly string[],
  options: LocateOptions,
): LocateTurn {
  const names = fromNaptr.length > 0 ? fromNaptr : [`_sips._tcp.${domain}`];
  const next = options.federationService ? [`_sipfederationtls._tcp.${domain}`] : [];
  return askSrv(names, { at: 'services', domain, next, failure: undefined });
}

function askSrv(names: readonly string[], state: LocateState): LocateTurn {
  const questions = names.map((name) => ({ type: 'SRV', name }) as const);
  return { kind: 'ask', questions, state };
}

/** Only a domain that has no SRV record at all is tried by its own address (RFC 3263 §4.2). */
function afterServices(
  state: ServicesState,
  answers: readonly DnsAnswer[],
  options: LocateOptions,
): LocateTurn {
  const { domain, next } = state;
  const sets = answers.flatMap((answer) => (answer.kind === 'srv' ? [answer.records] : []));
  const hosts = sets
    .flatMap((records) => orderSrv(records, options.randomUpTo))
    .map(({ target, port }) => ({ host: target, port }));
  if (hosts.length > 0) return askAddresses(domain, hosts.slice(0, HOSTS_MAX), options);

  const failure = state.failure ?? failureOf(answers, sets);
  if (next.length > 0) return askSrv(next, { at: 'services', domain, next: [], failure });
  if (failure) return failed(failure);
  return askAddresses(domain, [{ host: domain, port: SIPS_PORT }], options);
}

function failureOf(
  answers: readonly DnsAnswer[],
  sets: readonly (readonly SrvRecord[])[],
): LocateFailure | undefined {
  if (answers.some((answer) => answer.kind === 'failed')) return 'dns-failed';
  if (sets.some(isNotOffered)) return 'not-offered';
  return sets.some((records) => records.length > 0) ? 'no-target' : undefined;
}

function askAddresses(
  domain: string,
  hosts: readonly HostPort[],
  options: LocateOptions,
): LocateTurn {
  const names = [...new Set(hosts.map(({ host }) => host))];
  const questions = names.flatMap((name) => options.families.map((type) => ({ type, name })));
  return { kind: 'ask', questions, state: { at: 'addresses', domain, hosts, questions } };
}

function afterAddresses(
  state: AddressesState,
  answers: readonly DnsAnswer[],
  options: LocateOptions,
): LocateTurn {
  const targets = targetsOf(state, answers, options.forbidden);
  if (targets.length > 0) return { kind: 'found', targets };
  const doubt = answers.some((answer) => answer.kind === 'failed');
  return failed(doubt ? 'dns-failed' : 'no-target');
}

/** A `sips:` URI with transport TCP is TLS over TCP; a `sip:` URI with one is plain (RFC 3261 §26.2.2). */
function isTls({ scheme, transport }: LocateSubject): boolean {
  const named = transport?.toLowerCase();
  return named === undefined || named === 'tls' || (named === 'tcp' && scheme === 'sips');
}

function failed(reason: LocateFailure): LocateTurn {
  return { kind: 'failed', reason };
}

const SIPS_PORT = 5061;
const HOSTS_MAX = 8;
