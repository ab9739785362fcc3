import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { utcText } from '../../domain/exchange/exchange-refusal.ts';
import type { NodeRecord } from '../../domain/exchange/node/node-record.ts';
import { siteNode } from '../../domain/exchange/node/site-node.ts';
import { readState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { nextLine, textTable } from '../text-table.ts';
import { NODE_LIST } from './node-descriptions.ts';

const schema = z.strictObject({});

interface NodeList {
  readonly nodes: readonly (NodeRecord & { readonly isInSite: boolean })[];
}

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
      return record === undefined ? [] : [{ ...record, isInSite: inSite.includes(node) }];
    });
    return ok({ nodes });
  },
  text({ nodes }) {
    const rows = nodes.map(({ node, role, state, certificates, isInSite }) => [
      node,
      role,
      state === 'revoked' ? 'revoked' : isInSite ? 'approved' : 'not in site.yaml',
      certificates.length === 0
        ? 'none on record'
        : utcText(Math.max(...certificates.map(({ notAfterMs }) => notAfterMs))),
    ]);
    return [
      textTable(['NODE', 'ROLE', 'STATE', 'CERTIFICATE ENDS'], rows),
      nextLine('sallyport node revoke NODE --reason TEXT, for a host that was lost'),
    ].join('\n');
  },
};
