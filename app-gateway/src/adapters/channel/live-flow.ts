import type { RunningSite } from '../../commands/command-context.ts';
import type { PartnerFlow } from './partner-flow.ts';

/** A live connection as an operator sees it. */
export function liveFlow({ flow, opened }: PartnerFlow): ReturnType<RunningSite['flows']>[number] {
  const { direction, remoteAddress, openedAtMs } = opened;
  const isPlain = opened.transport === 'tcp';
  return {
    proxy: flow.slice(0, flow.lastIndexOf('/')),
    direction,
    remoteAddress,
    trustSet: isPlain ? 'plain-tcp' : opened.trustSet,
    ownKey: isPlain ? 'none' : opened.ownKey,
    tls: isPlain ? 'none' : `${opened.tls.version} ${opened.tls.cipher}`,
    openedAtMs,
  };
}
