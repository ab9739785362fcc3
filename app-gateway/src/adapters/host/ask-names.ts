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
    answers.push({ ...question, ...(await ask(resolver, question)) });
    // Servers that are silent stay so: the rest would only take longer.
    if (answers.every(({ found }) => found === undefined) && answers.length === 2) break;
  }
  return answers;
}

type Told = Pick<NameAnswer, 'found' | 'isRefused'>;

async function ask(resolver: Resolver, { name, type }: NameQuestion): Promise<Told> {
  if (type === 'SRV') {
    return await attempt(async () =>
      (await resolver.resolveSrv(name)).map((record) => `${record.name}:${record.port}`),
    );
  }
  const [v4, v6] = [
    await attempt(() => resolver.resolve4(name)),
    await attempt(() => resolver.resolve6(name)),
  ];
  if (v4.found === undefined && v6.found === undefined) return v4;
  return { found: [...(v4.found ?? []), ...(v6.found ?? [])] };
}

const NOTHING: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);

/** No such name is an answer; no answer is none, and neither is a server that will not look for this host. */
async function attempt(question: () => Promise<readonly string[]>): Promise<Told> {
  try {
    return { found: await question() };
  } catch (cause) {
    const code = errorCode(cause) ?? '';
    if (NOTHING.has(code)) return { found: [] };
    return { found: undefined, ...(code === 'EREFUSED' && { isRefused: true }) };
  }
}
