import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import type { Site } from '../../config/site.ts';
import { utcText } from '../../domain/exchange/exchange-refusal.ts';
import type { NodeRecord } from '../../domain/exchange/node/node-record.ts';
import { siteNode } from '../../domain/exchange/node/site-node.ts';
import { readState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { nextLine, textTable } from '../text-table.ts';
import { NODE_LIST } from './node-descriptions.ts';

const schema = z.strictObject({});

interface NodeList {
  readonly nodes: readonly NodeView[];
  /** What to do next. */
  readonly next: string;
}

interface NodeView extends Omit<NodeRecord, 'state'> {
  /** By `site.yaml`: by its list, which is for when the database does not answer. */
  readonly state: NodeRecord['state'] | typeof REVOKED_BY_SITE;
  readonly isInSite: boolean;
}

const REVOKED_BY_SITE = 'revoked by site.yaml';

/** All hosts: those of the site file and those that were revoked. */
export const nodeList: CommandDefinition<z.infer<typeof schema>, NodeList> = {
  ...NODE_LIST,
  schema,
  async run(context) {
    const state = await readState(context);
    if (!state.ok) return state;
    const { proxies, gateways } = context.site;
    const inSite = [...proxies, ...gateways].map(({ node }) => node);
    const names = new Set([...inSite, ...state.value.nodes.map(({ node }) => node)]);
    const nodes = [...names].flatMap((node) => {
      const record = siteNode(state.value.nodes, context.site, node);
      if (record === undefined) return [];
      return [{ ...record, state: stateOf(record, context.site), isInSite: inSite.includes(node) }];
    });
    return ok({ nodes, next: nextStep(nodes, context.site) });
  },
  text({ nodes, next }) {
    const rows = nodes.map(({ node, role, state, certificates, isInSite }) => [
      node,
      role,
      state === 'approved' && !isInSite ? 'not in site.yaml' : state,
      certificates.length === 0
        ? 'none on record'
        : utcText(Math.max(...certificates.map(({ notAfterMs }) => notAfterMs))),
    ]);
    const table = textTable(['NODE', 'ROLE', 'STATE', 'CERTIFICATE ENDS'], rows);
    return [table, nextLine(next)].join('\n');
  },
};

/** On record a line for an emergency is no longer needed; a site of files has nothing but that line. */
function nextStep(nodes: readonly NodeView[], { database }: Pick<Site, 'database'>): string {
  const lines = 'revokedNodes in every gateway’s site.yaml, and reload';
  if (database?.kind === 'files') return `a host that was lost: ${lines}`;
  const shutOut = nodes.find(({ state }) => state === REVOKED_BY_SITE);
  return shutOut === undefined
    ? 'sallyport node revoke NODE --reason TEXT, for a host that was lost'
    : `sallyport node revoke ${shutOut.node} --reason TEXT, then take it out of ${lines}`;
}

function stateOf({ node, state }: NodeRecord, site: Pick<Site, 'revokedNodes'>): NodeView['state'] {
  return state === 'approved' && site.revokedNodes.includes(node) ? REVOKED_BY_SITE : state;
}
