import { Resolver } from 'node:dns/promises';
import { errorCode } from '@sallyport/shared/error-code.ts';
import type { NameAnswer, NameQuestion } from '../../doctor/name-findings.ts';

const TIMEOUT_MS = 2000;

/** Asks the DNS one question after the other; the servers of the system where none are named. */
export async function askNames(
  questions: readonly NameQuestion[],
  nameservers: readonly string[],
): Promise<readonly NameAnswer[]> {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: 1 });
  if (nameservers.length > 0) resolver.setServers(nameservers);
  const answers: NameAnswer[] = [];
  for (const question of questions) {
    answers.push({ ...question, found: await ask(resolver, question) });
    // Servers that are silent stay so: the rest would only take longer.
    if (answers.every(({ found }) => found === undefined) && answers.length === 2) break;
  }
  return answers;
}

async function ask(
  resolver: Resolver,
  { name, type }: NameQuestion,
): Promise<readonly string[] | undefined> {
  if (type === 'SRV') {
    return await attempt(async () =>
      (await resolver.resolveSrv(name)).map((record) => `${record.name}:${record.port}`),
    );
  }
  const [v4, v6] = [
    await attempt(() => resolver.resolve4(name)),
    await attempt(() => resolver.resolve6(name)),
  ];
  return v4 === undefined && v6 === undefined ? undefined : [...(v4 ?? []), ...(v6 ?? [])];
}

const NOTHING: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);

/** No such name is an answer; no answer is none. */
async function attempt(
  question: () => Promise<readonly string[]>,
): Promise<readonly string[] | undefined> {
  try {
    return await question();
  } catch (cause) {
    const code = errorCode(cause) ?? '';
    return NOTHING.has(code) ? [] : undefined;
  }
}
