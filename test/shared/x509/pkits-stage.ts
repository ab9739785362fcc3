import { authority, type Entity, endEntity, judge } from './path-stage.ts';

/** What is unusual about the leaf. */
export type Oddities = Parameters<typeof endEntity>[1];

export const anchor: Entity = authority({ subject: 'CN=trust anchor' });

/** A leaf below authorities, the first of them below the anchor. */
export function under(authorities: readonly Entity[], oddities: Oddities = {}): string {
  const leaf = endEntity(authorities.at(-1) ?? anchor, oddities);
  return judge({ leaf, anchors: [anchor], intermediates: authorities });
}

/** Authorities below each other; what is told of each, the first below the anchor. */
export function chain(...oddities: readonly Partial<Parameters<typeof authority>[0]>[]): Entity[] {
  const made: Entity[] = [];
  for (const [n, one] of oddities.entries()) {
    made.push(authority({ subject: `CN=ca ${n}`, ...one }, made.at(-1) ?? anchor));
  }
  return made;
}
