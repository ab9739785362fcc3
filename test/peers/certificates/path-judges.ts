import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { environment } from '../support/environment.ts';
import { askAll, complaintOf } from '../support/other-judges.ts';

/** A chain as a server shows it, and whom its reader trusts. */
export interface Question {
  readonly name: string;
  readonly leaf: Buffer;
  readonly intermediates: readonly Buffer[];
  readonly anchors: readonly Buffer[];
  readonly atMs: number;
}

/** Whoever judges beside us; `strict` is OpenSSL that insists on RFC 5280. */
export type Judge = 'go' | 'openssl' | 'strict' | 'gnutls';

/** What each says: `ok`, or why not. */
export type Verdicts = Readonly<Record<Judge, string>>;

const SOURCE = fileURLToPath(new URL('verify-chains.go', import.meta.url));
const COMPILE_MS_MAX = 120_000;

/** Go's crypto/x509, OpenSSL and GnuTLS, each asked whether a chain is good for a TLS server. */
export class PathJudges {
  readonly #folder = mkdtempSync(join(tmpdir(), 'path-judges-'));

  constructor() {
    const env = {
      PATH: environment['PATH'],
      HOME: this.#folder,
      GO111MODULE: 'off',
      CGO_ENABLED: '0',
    };
    execFileSync('go', ['build', '-o', join(this.#folder, 'verify'), SOURCE], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: COMPILE_MS_MAX,
    });
  }

  judge(questions: readonly Question[]): Promise<readonly Verdicts[]> {
    const byGo = this.#askGo(questions);
    return askAll(questions, async (question, number) => ({
      go: byGo[number] as string,
      ...(await this.#askCommands(question, number)),
    }));
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #askGo(questions: readonly Question[]): readonly string[] {
    const base64 = (ders: readonly Buffer[]) => ders.map((der) => der.toString('base64'));
    const input = questions.map(({ leaf, intermediates, anchors, atMs }) => ({
      Leaf: leaf.toString('base64'),
      Intermediates: base64(intermediates),
      Anchors: base64(anchors),
      At: atMs / 1000,
    }));
    const output = execFileSync(join(this.#folder, 'verify'), [], {
      input: JSON.stringify(input),
      maxBuffer: 1 << 26,
    });
    return JSON.parse(output.toString('utf8'));
  }

  async #askCommands({ leaf, intermediates, anchors, atMs }: Question, number: number) {
    const file = (name: string, ders: readonly Buffer[]) => {
      const path = join(this.#folder, `${number}-${name}.pem`);
      writeFileSync(path, ders.map((der) => encodePem(der, 'CERTIFICATE')).join(''));
      return path;
    };
    const [one, chain, trusted] = [
      file('leaf', [leaf]),
      file('chain', [leaf, ...intermediates]),
      file('anchors', anchors),
    ];
    const rules = ['-purpose', 'sslserver', '-auth_level', '2', '-policy_check', '-partial_chain'];
    const usual = ['verify', '-attime', String(atMs / 1000), ...rules];
    const trust = ['-no-CApath', '-no-CAstore', '-CAfile', trusted];
    const files = [...trust, '-untrusted', chain, one];
    const [openssl, strict, gnutls] = await Promise.all([
      verdictOf('openssl', [...usual, ...files]),
      verdictOf('openssl', [...usual, '-x509_strict', ...files]),
      verdictOf('certtool', [
        '--verify',
        '--verify-profile=medium',
        `--load-ca-certificate=${trusted}`,
        '--verify-purpose=1.3.6.1.5.5.7.3.1',
        `--infile=${chain}`,
      ]),
    ]);
    return { openssl, strict, gnutls };
  }
}

async function verdictOf(command: string, argv: readonly string[]): Promise<string> {
  return (await complaintOf(command, argv)) ?? 'ok';
}
