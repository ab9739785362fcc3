import type { Applied } from './command-context.ts';
import { counted } from './text-table.ts';

/** What proxies said of a change, for a person. */
export function appliedLines({ proxies, closedFlows }: Applied): readonly string[] {
  const lines: string[] = [];
  const refused = proxies.filter(({ accepted }) => !accepted);
  if (proxies.length === 0) lines.push('no proxy is connected: it takes force when one connects');
  else if (refused.length === 0) {
    lines.push(`in force on ${counted(proxies.length, 'proxy worker')}`);
  }
  for (const { proxy, reason } of refused) {
    lines.push(`NOT in force on ${proxy}: ${reason ?? 'no answer within five seconds'}`);
  }
  if (refused.length > 0) lines.push('  until it is: docs/operations.md, “A snapshot is refused”');
  if (closedFlows > 0) lines.push(`${counted(closedFlows, 'live connection')} closed`);
  return lines;
}
