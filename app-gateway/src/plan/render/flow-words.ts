import { hostPort } from '@sallyport/shared/net/host-port.ts';
import type { FlowEnd, PlanFlow } from '../network-plan.ts';

/** Who is meant by one end of a flow, for a person: a host with its zone, or addresses. */
export function endWords({ zone, host, networks }: FlowEnd): string {
  if (host !== undefined) return `${host} (${zone})`;
  return isAnyone({ zone, networks }) ? 'any address of the internet' : `${zone}`;
}

/** The addresses of one end as they stand in rules; `any` for the internet. */
export function addressWords(end: FlowEnd): string {
  return isAnyone(end) ? 'any' : end.networks.join(' ');
}

/** `5061`, or `7443-7446`. */
export function portWords({ ports: { first, last } }: Pick<PlanFlow, 'ports'>): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/** What partners address instead; empty without translation. */
export function natWords({ nat }: PlanFlow): string {
  return nat === undefined ? '' : hostPort(nat.address, nat.port);
}

/** New connections a second; empty without a limit. */
export function rateWords({ newPerSourcePerSecond }: PlanFlow): string {
  return newPerSourcePerSecond === undefined ? '' : `${newPerSourcePerSecond}/s a source`;
}

/** One flow in one line, as `plan --diff` and the matrix say it. */
export function flowWords(flow: PlanFlow): string {
  const { purpose, from, to, protocol, via } = flow;
  const notes = [
    natWords(flow) && `addressed to ${natWords(flow)}`,
    rateWords(flow),
    via && `through ${via}`,
  ];
  const more = notes.filter((note) => note !== undefined && note !== '').join(', ');
  const words = (end: FlowEnd) =>
    isAnyone(end) ? endWords(end) : `${endWords(end)} ${addressWords(end)}`;
  return `${purpose}: ${words(from)} to ${words(to)}, ${protocol} ${portWords(flow)}${more === '' ? '' : ` (${more})`}`;
}

function isAnyone({ zone, networks }: FlowEnd): boolean {
  return zone === 'internet' && networks.every((network) => network.endsWith('/0'));
}
