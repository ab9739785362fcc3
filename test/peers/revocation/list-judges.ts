import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { askAll, complaintOf } from '../support/other-judges.ts';
import type { ListQuestion } from './list-question.ts';

/** Whoever judges beside us; `strict` is OpenSSL that insists on RFC 5280. */
export type ListJudge = 'openssl' | 'strict' | 'gnutls';

/** What each says: `good`, `revoked`, or `unknown` with why. */
export type ListVerdicts = Readonly<Record<ListJudge, string>>;

/** OpenSSL and GnuTLS, each asked what lists say of a certificate. */
export class ListJudges {
  readonly #folder = mkdtempSync(join(tmpdir(), 'list-judges-'));

  judge(questions: readonly ListQuestion[]): Promise<readonly ListVerdicts[]> {
    return askAll(questions, (question, number) => this.#ask(question, number));
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

/** Any other reason not to go on is as good as not knowing. */
async function verdictOf(command: string, argv: readonly string[]): Promise<string> {
  const complaint = await complaintOf(command, argv);
  if (complaint === undefined) return 'good';
  return /error 23 at|chain is revoked/.test(complaint) ? 'revoked' : `unknown: ${complaint}`;
}
