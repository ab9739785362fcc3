import type { RunningSite } from '../../commands/command-context.ts';
import type { PartnerFlow } from './partner-flow.ts';

/** A live connection as an operator sees it. */
export function liveFlow({ flow, opened }: PartnerFlow): ReturnType<RunningSite['flows']>[number] {
  const { direction, remoteAddress, ownIdentity, openedAtMs } = opened;
  return {
    proxy: flow.slice(0, flow.lastIndexOf('/')),
    direction,
    remoteAddress,
    trustSet: '',
    ownKey: ownIdentity,
    openedAtMs,
  };
}
