import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { environment } from '../support/environment.ts';
import type { ListQuestion } from './list-question.ts';

/** Whoever judges beside us; `strict` is OpenSSL that insists on RFC 5280. */
export type ListJudge = 'openssl' | 'strict' | 'gnutls';

/** What each says: `good`, `revoked`, or `unknown` with why. */
export type ListVerdicts = Readonly<Record<ListJudge, string>>;

const JUDGED_AT_ONCE = 4;
const WORDS_CHARS_MAX = 160;

/** OpenSSL and GnuTLS, each asked what lists say of a certificate. */
export class ListJudges {
  readonly #folder = mkdtempSync(join(tmpdir(), 'list-judges-'));

  async judge(questions: readonly ListQuestion[]): Promise<readonly ListVerdicts[]> {
    const verdicts: ListVerdicts[] = [];
    let next = 0;
    const worker = async () => {
      for (let at = next++; at < questions.length; at = next++) {
        verdicts[at] = await this.#ask(questions[at] as ListQuestion, at);
      }
    };
    await Promise.all(Array.from({ length: JUDGED_AT_ONCE }, worker));
    return verdicts;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #ask({ leaf, issuer, lists, atMs }: ListQuestion, number: number): Promise<ListVerdicts> {
    const file = (name: string, label: 'CERTIFICATE' | 'X509 CRL', ders: readonly Buffer[]) => {
      const path = join(this.#folder, `${number}-${name}.pem`);
      writeFileSync(path, ders.map((der) => encodePem(der, label)).join(''));
      return path;
    };
    const chain = file('chain', 'CERTIFICATE', [leaf, issuer]);
    const trusted = file('issuer', 'CERTIFICATE', [issuer]);
    const listed = file('lists', 'X509 CRL', lists);
    const usual = ['verify', '-attime', String(atMs / 1000), '-crl_check', '-extended_crl'];
    const trust = ['-no-CApath', '-no-CAstore', '-CAfile', trusted];
    const held = lists.length === 0 ? [] : ['-CRLfile', listed];
    const loaded = lists.length === 0 ? [] : [`--load-crl=${listed}`];
    const [openssl, strict, gnutls] = await Promise.all([
      verdictOf('openssl', [...usual, ...trust, ...held, chain]),
      verdictOf('openssl', [...usual, '-x509_strict', ...trust, ...held, chain]),
      verdictOf('certtool', [
        '--verify',
        '--verify-profile=medium',
        `--load-ca-certificate=${trusted}`,
        ...loaded,
        `--infile=${chain}`,
      ]),
    ]);
    return { openssl, strict, gnutls };
  }
}

function verdictOf(command: string, argv: readonly string[]): Promise<string> {
  const options = { env: { PATH: environment['PATH'] }, encoding: 'utf8' } as const;
  return new Promise((resolve) => {
    execFile(command, argv, options, (error, stdout, stderr) => {
      resolve(error === null ? 'good' : wordOf(`${stdout}\n${stderr}`));
    });
  });
}

/** Any other reason not to go on is as good as not knowing. */
function wordOf(text: string): string {
  if (/error 23 at|chain is revoked/.test(text)) return 'revoked';
  const lines = text
    .split('\n')
    .filter((line) => /error \d+ at|erification output|rror/.test(line));
  return `unknown: ${lines.join(' / ').slice(0, WORDS_CHARS_MAX)}`;
}
