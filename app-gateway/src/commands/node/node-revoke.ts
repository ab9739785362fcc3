import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { actorOf } from '../../domain/exchange/actor.ts';
import type { NodeRecord } from '../../domain/exchange/node/node-record.ts';
import { revokeNode } from '../../domain/exchange/node/revoke-node.ts';
import { siteNode } from '../../domain/exchange/node/site-node.ts';
import { appliedLines } from '../applied-text.ts';
import { changeAndApply } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import type { Applied } from '../command-context.ts';
import { name, reason } from '../parameter-schema.ts';
import { nextLine } from '../text-table.ts';
import { NODE_REVOKE } from './node-descriptions.ts';

const schema = z.strictObject({ node: name, reason });

interface Revoked {
  readonly node: string;
  readonly role: NodeRecord['role'];
  readonly applied: Applied;
}

/** Shuts a lost host out: its channels close everywhere and it gets no certificate. */
export const nodeRevoke: CommandDefinition<z.infer<typeof schema>, Revoked> = {
  ...NODE_REVOKE,
  schema,
  run(context, { node, reason: why }, author) {
    return changeAndApply(context, (state) => {
      const record = siteNode(state.nodes, context.site, node);
      if (record === undefined) {
        return err({
          code: 'node-unknown',
          message: `there is no node ${node}`,
          next: 'sallyport node list',
        });
      }
      const actor = actorOf(author, state.operators);
      const revoked = revokeNode(record, why, actor, context.nowMs());
      if (!revoked.ok) return err(revoked.error);
      const { record: changed, events } = revoked.value;
      return ok({ change: { nodes: [changed], events }, answer: { node, role: changed.role } });
    });
  },
  text: ({ node, role, applied }) =>
    [
      `${node} is revoked: its channels are closed and it cannot come back`,
      ...appliedLines(applied),
      nextLine(
        role === 'gateway'
          ? 'new keys for all hosts: see docs/incidents.md'
          : `take ${node} out of site.yaml and off the network; was it in other hands, our public keys were in its memory: see docs/incidents.md`,
      ),
    ].join('\n'),
};
