import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { validatePath } from '@sallyport/shared/x509/path.ts';
import { defaultPathPolicy } from '@sallyport/shared/x509/path-policy.ts';
import { SeededRandom } from '../fuzz/mutator.ts';
import { DIFFERENCES } from './certificates/differences.ts';
import { plainPlan, questionOf } from './certificates/odd-chains.ts';
import { ODDITIES } from './certificates/oddities.ts';
import type { Oddity, Place } from './certificates/oddity.ts';
import {
  type Judge,
  PathJudges,
  type Question,
  type Verdicts,
} from './certificates/path-judges.ts';
import { needs } from './support/available.ts';
import { environment } from './support/environment.ts';

const seed = Number(environment['SEED'] ?? 1);
const pairs = Number(environment['CHAINS'] ?? 100);
const JUDGES: readonly Judge[] = ['go', 'openssl', 'strict', 'gnutls'];

interface OddChain {
  readonly question: Question;
  readonly oddities: readonly Oddity[];
  /** What each oddity is called where it is alone. */
  readonly alone: readonly string[];
}

test('Go, OpenSSL and GnuTLS judge odd chains as we do, but for what is known', {
  ...needs('go', 'openssl', 'certtool'),
  timeout: 170_000,
}, async (t) => {
  console.log(`seed ${seed}`);
  const chains = [...oneByOne(), ...inCompany(new SeededRandom(seed))];
  const judges = new PathJudges();
  t.after(() => judges.close());
  const verdicts = await judges.judge(chains.map(({ question }) => question));
  const byName = new Map(chains.map(({ question: { name } }, at) => [name, verdicts[at]]));
  const seen = new Set<string>();
  const unexplained: string[] = [];
  for (const [at, { question, oddities, alone }] of chains.entries()) {
    const difference = differenceOf(ourVerdict(question), verdicts[at] ?? assert.fail());
    if (difference === undefined) continue;
    const ofThemselves = alone.flatMap((name) => refusingOf(byName.get(name)));
    if (!isExplained(oddities, difference, oddities.length > 1 ? ofThemselves : [])) {
      unexplained.push(`${question.name}: ${JSON.stringify(difference)}`);
    } else if (oddities.length === 1) seen.add(oddities[0]?.name ?? '');
  }
  assert.deepEqual(unexplained, []);
  const unseen = [...DIFFERENCES.keys()].filter((name) => !seen.has(name));
  assert.deepEqual(unseen, [], 'explained, and there is no such difference');
});

/** An ordinary chain, and every oddity at every place of one. */
function oneByOne(): readonly OddChain[] {
  const plain = { question: questionOf('plain', plainPlan(2)), oddities: [], alone: [] };
  const odd = ODDITIES.flatMap((oddity) =>
    oddity.where.map((place) => oddChain(2, [[oddity, place]])),
  );
  return [plain, ...odd];
}

/** Two oddities at a time, in chains of any length. */
function inCompany(random: SeededRandom): readonly OddChain[] {
  return Array.from({ length: pairs }, () => {
    const chosen = [0, 1].map(() => {
      const oddity = random.pick(ODDITIES);
      return [oddity, random.pick(oddity.where)] as const;
    });
    return oddChain(1 + random.below(4), chosen);
  });
}

function oddChain(intermediates: number, chosen: readonly (readonly [Oddity, Place])[]): OddChain {
  const plan = plainPlan(intermediates);
  for (const [oddity, place] of chosen) {
    const at = { anchor: 0, ca: 1, leaf: plan.drafts.length - 1 }[place];
    oddity.apply(plan, at);
  }
  const alone = chosen.map(([oddity, place]) => `${oddity.name} (${place})`);
  const question = questionOf(alone.join(', '), plan);
  return { question, oddities: chosen.map(([oddity]) => oddity), alone };
}

function ourVerdict({ leaf, intermediates, anchors, atMs }: Question): string {
  const parsed = parseCertificate(leaf);
  if (!parsed.ok) return parsed.error;
  const path = validatePath({
    leaf: parsed.value,
    intermediates: readable(intermediates),
    anchors: readable(anchors),
    pins: [],
    purpose: 'server',
    policy: defaultPathPolicy,
    atMs,
  });
  return path.ok ? 'ok' : path.error;
}

/** What cannot be parsed is not there. */
function readable(ders: readonly Buffer[]): readonly Certificate[] {
  return ders.flatMap((der) => {
    const parsed = parseCertificate(der);
    return parsed.ok ? [parsed.value] : [];
  });
}

interface Found {
  readonly ours: string;
  /** Who says otherwise, with what words. */
  readonly theirs: Readonly<Partial<Record<Judge, string>>>;
}

/** Those who refuse what we let in; or all, where all let in what we refuse. */
function differenceOf(ours: string, verdicts: Verdicts): Found | undefined {
  const refusing = refusingOf(verdicts);
  const isDifferent = ours === 'ok' ? refusing.length > 0 : refusing.length === 0;
  if (!isDifferent) return undefined;
  return { ours, theirs: Object.fromEntries(refusing.map((judge) => [judge, verdicts[judge]])) };
}

function refusingOf(verdicts: Verdicts | undefined): readonly Judge[] {
  return JUDGES.filter((judge) => verdicts !== undefined && verdicts[judge] !== 'ok');
}

/**
 * Whether what is known of the oddities accounts for all who say otherwise.
 *
 * One of two may do away with the other, for us and some but not for all of them: whoever refuses one of them by itself
 * may refuse both, as long as somebody does not.
 */
function isExplained(
  oddities: readonly Oddity[],
  { ours, theirs }: Found,
  ofThemselves: readonly Judge[],
): boolean {
  const known = oddities.flatMap(({ name }) => DIFFERENCES.get(name) ?? []);
  if (ours !== 'ok') return known.some(({ refusedByUs }) => refusedByUs === true);
  const refusing = Object.keys(theirs) as Judge[];
  const explained = known.flatMap(({ refusedBy: judges = [] }) => judges);
  const accounted = refusing.length < JUDGES.length ? [...explained, ...ofThemselves] : explained;
  return refusing.every((judge) => accounted.includes(judge));
}
