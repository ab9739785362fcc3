import { execFile } from 'node:child_process';
import { environment } from './environment.ts';

const AT_ONCE = 4;
const CHARS_MAX = 400;

/** Asks each question, four at once; answers in the order of the questions. */
export async function askAll<Question, Answer>(
  questions: readonly Question[],
  ask: (question: Question, number: number) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < questions.length; at = next++) {
      answers[at] = await ask(questions[at] as Question, at);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
}

/** What a command of OpenSSL or GnuTLS says is wrong; undefined where it says that all is well. */
export function complaintOf(command: string, argv: readonly string[]): Promise<string | undefined> {
  const options = { env: { PATH: environment['PATH'] }, encoding: 'utf8' } as const;
  return new Promise((resolve) => {
    execFile(command, argv, options, (error, stdout, stderr) => {
      resolve(error === null ? undefined : complaintIn(`${stdout}\n${stderr}`));
    });
  });
}

function complaintIn(text: string): string {
  const lines = text
    .split('\n')
    .filter((line) => /error \d+ at|erification output|rror|chain is revoked/.test(line));
  return lines.join(' / ').slice(0, CHARS_MAX) || 'refused';
}
