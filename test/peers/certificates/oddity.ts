import type { Draft, Plan } from './odd-chains.ts';

/** Where in a chain something can be odd. */
export type Place = 'anchor' | 'ca' | 'leaf';

/** Something unusual about one certificate of a chain, or about the chain. */
export interface Oddity {
  readonly name: string;
  readonly where: readonly Place[];
  readonly apply: (plan: Plan, at: number) => void;
}

export const ANYWHERE: readonly Place[] = ['anchor', 'ca', 'leaf'];
export const CAS: readonly Place[] = ['anchor', 'ca'];
export const BELOW: readonly Place[] = ['ca', 'leaf'];
export const LEAF: readonly Place[] = ['leaf'];

/** An odd certificate: other values than the usual ones. */
export function odd(name: string, where: readonly Place[], changes: Partial<Draft>): Oddity {
  return {
    name,
    where,
    apply: ({ drafts }, at) => {
      const draft = drafts[at] as Draft;
      const more = [...(draft.more ?? []), ...(changes.more ?? [])];
      drafts[at] = { ...draft, ...changes, ...(more.length > 0 && { more }) };
    },
  };
}

/** Extensions beside the usual ones. */
export function more(name: string, where: readonly Place[], ...extensions: Buffer[]): Oddity {
  return odd(name, where, { more: extensions });
}

/** An odd chain. */
export function shape(
  name: string,
  apply: Oddity['apply'],
  where: readonly Place[] = ['anchor'],
): Oddity {
  return { name, where, apply };
}
