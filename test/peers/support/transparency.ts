import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment } from './environment.ts';

const SOURCE = fileURLToPath(new URL('../transparency/verify.go', import.meta.url));
/** Where Debian puts sources of Go packages. */
const GOPATH = '/usr/share/gocode';
const COMPILE_MS_MAX = 120_000;

/** What the verifier is asked; octets in base64. */
export interface TransparencyQuestion {
  /** The ledger's first. */
  readonly vkeys: readonly string[];
  readonly checkpoints?: readonly string[];
  readonly proofs?: readonly string[];
  readonly records?: readonly string[];
  readonly consistency?: readonly {
    readonly older: number;
    readonly newer: number;
    readonly path: readonly string[];
  }[];
}

interface SignedHead {
  readonly Origin: string;
  readonly Size: number;
  readonly Witnesses: Readonly<Record<string, number>>;
}

/** What it found to be true, or why not. */
export type TransparencyAnswer =
  | {
      readonly Checkpoints: readonly SignedHead[] | null;
      readonly Proofs:
        | readonly { readonly Index: number; readonly Record: string; readonly Head: SignedHead }[]
        | null;
      readonly Consistency: number;
    }
  | string;

/** The Go project's own packages for signed notes and transparency logs, behind a small program that is compiled here. */
export class TransparencyVerifier {
  readonly #folder = mkdtempSync(join(tmpdir(), 'transparency-'));

  constructor() {
    const { PATH } = environment;
    const env = { PATH, HOME: this.#folder, GOPATH, GO111MODULE: 'off', CGO_ENABLED: '0' };
    execFileSync('go', ['build', '-o', this.#program, SOURCE], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: COMPILE_MS_MAX,
    });
  }

  ask(question: TransparencyQuestion): TransparencyAnswer {
    const { status, stdout, stderr } = spawnSync(this.#program, [], {
      input: JSON.stringify(question),
      encoding: 'utf8',
    });
    return status === 0 ? JSON.parse(stdout) : stderr.trim();
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #program(): string {
    return join(this.#folder, 'verify');
  }
}
