import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeLists } from '../shared/x509/list-stage.ts';
import { LIST_DIFFERENCES, type ListDifference } from './revocation/list-differences.ts';
import { ListJudges } from './revocation/list-judges.ts';
import type { ListQuestion } from './revocation/list-question.ts';
import { oddEntries } from './revocation/odd-entries.ts';
import { oddDates, oddLists, oddScopes } from './revocation/odd-lists.ts';
import { needs } from './support/available.ts';

test('OpenSSL and GnuTLS judge odd revocation lists as we do, but for what is known', {
  ...needs('openssl', 'certtool'),
  timeout: 170_000,
}, async (t) => {
  const questions = [...oddLists, ...oddScopes, ...oddDates, ...oddEntries];
  const judges = new ListJudges();
  t.after(() => judges.close());
  const verdicts = await judges.judge(questions);
  const seen = new Map<string, Omit<ListDifference, 'why'>>();
  for (const [at, question] of questions.entries()) {
    const ours = ourWord(question);
    const theirs = Object.entries(verdicts[at] ?? assert.fail())
      .map(([judge, words]) => [judge, words.replace(/:.*/s, '')] as const)
      .filter(([, word]) => word !== ours);
    if (theirs.length > 0) seen.set(question.name, { ours, theirs: Object.fromEntries(theirs) });
  }
  const known = [...LIST_DIFFERENCES].map(([name, { ours, theirs }]) => [name, { ours, theirs }]);
  assert.deepEqual(Object.fromEntries(seen), Object.fromEntries(known));
});

/** `good` and `revoked` are words of all; whatever keeps us from knowing is `unknown`. */
function ourWord({ leaf, issuer, lists, atMs }: ListQuestion): ListDifference['ours'] {
  const word = judgeLists([{ der: leaf }, { der: issuer }], lists, atMs);
  if (word === 'good') return word;
  return word.startsWith('revoked') ? 'revoked' : 'unknown';
}
