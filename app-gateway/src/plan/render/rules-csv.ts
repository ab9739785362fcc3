import { csvRow } from '../../ledger/render/csv-row.ts';
import type { NetworkPlan, PlanFirewall } from '../network-plan.ts';
import { addressWords, natWords, portWords, rateWords } from './flow-words.ts';

const HEAD = [
  'flow',
  'purpose',
  'from zone',
  'from host',
  'from addresses',
  'to zone',
  'to host',
  'to addresses',
  'protocol',
  'ports',
  'addressed to (NAT)',
  'new connections',
  'long-lived',
];

/** What one firewall lets through, a row a flow (RFC 4180), for whoever types rules into another product. */
export function rulesCsv(plan: NetworkPlan, firewall: PlanFirewall): string {
  const crossing = new Set(firewall.crossings.map(({ flowId }) => flowId));
  const rows = plan.flows
    .filter(({ id, via }) => crossing.has(id) && via === undefined)
    .map((flow) => [
      flow.id,
      flow.purpose,
      flow.from.zone,
      flow.from.host ?? '',
      addressWords(flow.from),
      flow.to.zone,
      flow.to.host ?? '',
      addressWords(flow.to),
      flow.protocol,
      portWords(flow),
      natWords(flow),
      rateWords(flow),
      flow.isLongLived ? 'yes' : 'no',
    ]);
  return [HEAD, ...rows].map(csvRow).join('');
}
