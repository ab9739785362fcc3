import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Certificate, parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { stapledStatus } from '@sallyport/shared/x509/ocsp.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { type AnswerQuestion, oddAnswers } from './revocation/odd-answers.ts';
import { needs } from './support/available.ts';
import { environment } from './support/environment.ts';

/** What OpenSSL calls good and we do not take, and why; of all others it says the same. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'names by SHA-384': 'docs/protocol-coverage.md: SHA-1 or SHA-256',
  'no next update': 'stapled, it could be as old as its sender likes',
  'unknown critical extension': 'RFC 5280 §4.2: what must be understood and is not',
  'unknown critical extension of all': 'RFC 5280 §4.2: what must be understood and is not',
  'by a delegate that may not sign': 'RFC 5280 §4.2.1.3: its key signs no answers',
  'by a delegate with critical points': 'RFC 5280 §4.2.1.13: no list is asked about a delegate',
  'something behind it': 'an answer ends where it ends',
};
/** What OpenSSL calls good by the first answer that it comes upon, and we revoked. */
const REVOKED = 'good, then revoked';

test('OpenSSL judges odd OCSP responses as we do, but for what is known', {
  ...needs('openssl'),
  timeout: 170_000,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'odd-answers-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const seen: Record<string, string> = {};
  for (const question of oddAnswers) {
    const said = await opensslWord(folder, question);
    const theirs = said.replace(/:.*/s, '');
    const ours = ourWord(question);
    if (ours !== theirs) seen[question.name] = `${ours}, ${said}`;
  }
  const known = Object.keys(DIFFERENCES).map((name) => [name, 'unknown, good']);
  assert.deepEqual(seen, { ...Object.fromEntries(known), [REVOKED]: 'revoked, good' });
});

/** `good` and `revoked` are words of both; whatever keeps us from knowing is `unknown`. */
function ourWord({ leaf, issuer, answer, atMs }: AnswerQuestion): string {
  const status = stapledStatus(answer, parsed(leaf), parsed(issuer), atMs);
  return status.ok ? status.value.kind : 'unknown';
}

function opensslWord(folder: string, { leaf, issuer, answer, atMs }: AnswerQuestion) {
  const file = (name: string, content: string | Buffer) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const by = file('issuer.pem', encodePem(issuer, 'CERTIFICATE'));
  const about = file('leaf.pem', encodePem(leaf, 'CERTIFICATE'));
  const response = file('answer.der', answer);
  const hash = answer.includes(Buffer.from('608648016503040202', 'hex'))
    ? '-sha384'
    : answer.includes(Buffer.from('0609608648016503040201', 'hex'))
      ? '-sha256'
      : '-sha1';
  const argv = [
    ...['ocsp', '-respin', response, '-issuer', by, hash, '-cert', about, '-CAfile', by],
    ...['-no-CApath', '-no-CAstore', '-attime', String(atMs / 1000)],
  ];
  const options = { env: { PATH: environment['PATH'] }, encoding: 'utf8' } as const;
  return new Promise<string>((resolve) => {
    execFile('openssl', argv, options, (_, stdout, stderr) => {
      const text = `${stdout}\n${stderr}`;
      const [, word = 'unknown'] = /leaf\.pem: (good|revoked|unknown)/.exec(text) ?? [];
      const isSure = text.includes('Response verify OK') && !text.includes('times invalid');
      resolve(isSure && word !== 'unknown' ? word : `unknown: ${text.slice(0, 300)}`);
    });
  });
}

function parsed(der: Buffer): Certificate {
  const certificate = parseCertificate(der);
  assert.ok(certificate.ok);
  return certificate.value;
}
