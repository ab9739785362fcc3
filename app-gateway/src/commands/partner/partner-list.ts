import { ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { readState } from '../change-state.ts';
import type { CommandDefinition } from '../command.ts';
import { nextLine, textTable } from '../text-table.ts';
import { PARTNER_LIST } from './partner-descriptions.ts';
import { type PartnerSummary, partnerSummary, type SetView } from './partner-view.ts';

const schema = z.strictObject({});

interface PartnerList {
  readonly partners: readonly (PartnerSummary & { readonly connections: number })[];
}

/** All partners, one line each. */
export const partnerList: CommandDefinition<z.infer<typeof schema>, PartnerList> = {
  ...PARTNER_LIST,
  schema,
  async run(context) {
    const state = await readState(context);
    if (!state.ok) return state;
    const partners = state.value.partners.map((record) => ({
      ...partnerSummary(record, context.site),
      connections: context.running.flows(record.id).length,
    }));
    return ok({ partners });
  },
  text({ partners }) {
    if (partners.length === 0) {
      return [
        'no partners yet',
        nextLine('sallyport partner add NAME --domain DOMAIN --method METHOD'),
      ].join('\n');
    }
    const rows = partners.map(({ partner, state, sets, connections, domains }) => [
      partner,
      state,
      sets
        .filter(isLive)
        .map(({ id, state: set }) => `${id} ${set}`)
        .join(', ') || 'none',
      String(connections),
      domains.length > 3
        ? `${domains.slice(0, 3).join(', ')} and ${domains.length - 3} more`
        : domains.join(', '),
    ]);
    const table = textTable(['PARTNER', 'STATE', 'KEYS', 'CONNECTIONS', 'DOMAINS'], rows);
    const first = partners.find(({ next, state }) => next !== undefined && state !== 'severed');
    return first?.next === undefined ? table : [table, nextLine(first.next)].join('\n');
  },
};

function isLive({ state }: SetView): boolean {
  return state !== 'retired' && state !== 'rejected';
}
