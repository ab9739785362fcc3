import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { actorOf } from '../../domain/exchange/actor.ts';
import type { NodeRecord } from '../../domain/exchange/node/node-record.ts';
import { revokeNode } from '../../domain/exchange/node/revoke-node.ts';
import { siteNode } from '../../domain/exchange/node/site-node.ts';
import { appliedLines } from '../applied-text.ts';
import { changeState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import type { Applied } from '../command-context.ts';
import { name, reason } from '../parameter-schema.ts';
import { positional, REASON } from '../step-parameters.ts';
import { nextLine } from '../text-table.ts';

const schema = z.strictObject({ node: name, reason });

interface Revoked {
  readonly node: string;
  readonly role: NodeRecord['role'];
  readonly applied: Applied;
}

/** Shuts a lost host out: its channels close everywhere and it gets no certificate. */
export const nodeRevoke: CommandDefinition<z.infer<typeof schema>, Revoked> = {
  words: ['node', 'revoke'],
  summary: 'shut a lost host out, everywhere, at once',
  description: [
    'All gateways close the channels of a proxy, all proxies those of a gateway; neither comes back, whatever certificate it shows, and nobody renews one for it.',
    'A lost gateway also had the keys that gateways share: write new bundles with new keys for the whole site.',
  ],
  examples: ['sallyport node revoke edge-2 --reason "disk gone from the data centre"'],
  parameters: [positional('node', 'name of the host'), REASON],
  schema,
  role: 'operator',
  async run(context, { node, reason: why }, author) {
    const done = await changeState(context, (state) => {
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
      return ok({ change: { nodes: [changed], events }, answer: changed });
    });
    if (!done.ok) return done;
    const applied = await context.running.apply(done.value.revision);
    return ok({ node, role: done.value.answer.role, applied });
  },
  text: ({ node, role, applied }) =>
    [
      `${node} is revoked: its channels are closed and it cannot come back`,
      ...appliedLines(applied),
      nextLine(
        role === 'gateway'
          ? 'new keys for all hosts: see docs/operations.md'
          : `take ${node} out of site.yaml`,
      ),
    ].join('\n'),
};
