import { authority, type Entity, endEntity, type Oddities } from '../../shared/x509/path-stage.ts';
import { keyOf, type SigningKey } from './chain-keys.ts';
import type { Question } from './path-judges.ts';

/** GnuTLS knows no other time than that of the machine. */
export const NOW_MS: number = Math.floor(Date.now() / 1000) * 1000;
const DAY_MS = 86_400_000;

/** One certificate of a chain before it is made. */
export interface Draft extends Omit<Oddities, 'key'> {
  subject: string | Buffer;
  key: SigningKey;
  /** Beside the usual ones. */
  more?: readonly Buffer[];
}

/** A chain before it is made: the anchor first, the leaf last. */
export interface Plan {
  readonly drafts: Draft[];
  /** What is sent, and trusted, once all are made; as it stands unless something is odd about it. */
  sent: (made: readonly Entity[]) => readonly Entity[];
  trusted: (made: readonly Entity[]) => readonly Entity[];
}

/** An ordinary chain with so many authorities between anchor and leaf. */
export function plainPlan(intermediates: number): Plan {
  const names = [
    'anchor',
    ...Array.from({ length: intermediates }, (_, n) => `ca ${n + 1}`),
    'leaf',
  ];
  return {
    drafts: names.map((name, n) => ({ subject: `CN=${name}`, key: keyOf('p256', n) })),
    sent: (made) => made.slice(1, -1).toReversed(),
    trusted: (made) => made.slice(0, 1),
  };
}

/** Makes it. */
export function questionOf(name: string, { drafts, sent, trusted }: Plan): Question {
  const made: Entity[] = [];
  for (const [n, draft] of drafts.entries()) {
    made.push(madeOf(draft, made[n - 1], n === drafts.length - 1));
  }
  const bytes = (entities: readonly Entity[]) => entities.map((entity) => entity.der);
  return {
    name,
    leaf: (made.at(-1) as Entity).der,
    intermediates: bytes(sent(made)),
    anchors: bytes(trusted(made)),
    atMs: NOW_MS,
  };
}

/** One more certificate, signed by an issuer that was made, or by itself. */
export function madeOf(draft: Draft, issuer: Entity | undefined, isLeaf: boolean): Entity {
  const { algorithm, signTbs } = (issuer?.key ?? draft.key) as SigningKey;
  const dates = { notBeforeMs: NOW_MS - 30 * DAY_MS, notAfterMs: NOW_MS + 300 * DAY_MS };
  const signed = { ...dates, innerAlgorithm: algorithm, signTbs, ...draft };
  return isLeaf && issuer !== undefined ? endEntity(issuer, signed) : authority(signed, issuer);
}
