import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IssuingAuthority } from '@sallyport/app-gateway/commands/issuing-authority.ts';
import { OwnChannelCertificate } from '@sallyport/app-gateway/gateway/own-channel-certificate.ts';
import { issueChannelCertificate } from '@sallyport/certs/channel-certificate.ts';
import { createIssuingAuthority, createSiteRoot } from '@sallyport/certs/site-root.ts';
import { validForMs } from '@sallyport/certs/validity.ts';
import type { ChannelCredentials } from '@sallyport/shared/io/channel-tls.ts';
import { err, ok } from '@sallyport/shared/result.ts';

const NOW_MS = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;
const GATEWAY = { site: 'acme', role: 'gateway', node: 'gateway-1' } as const;
const { root } = await createSiteRoot('acme', 'passphrase', NOW_MS);
const issuing = await createIssuingAuthority(root, 'acme', NOW_MS);
const authority = new IssuingAuthority(issuing);

async function credentials(issuedMs: number): Promise<ChannelCredentials> {
  const dates = validForMs(issuedMs, 7 * DAY_MS);
  const issued = await issueChannelCertificate(issuing, { ...GATEWAY, hosts: [], ...dates });
  return {
    certificatePem: issued.certificatePem + issuing.certificatePem,
    keyPem: issued.privateKeyPem,
    caPem: root.certificatePem,
  };
}

async function own(inDays: number, canIssue = true) {
  const waits: number[] = [];
  const renewed: ChannelCredentials[] = [];
  const lines: string[] = [];
  const note = (event: string) => lines.push(event);
  const nowMs = NOW_MS + inDays * DAY_MS;
  const certificate = new OwnChannelCertificate(await credentials(NOW_MS), {
    issue: async (spki) =>
      canIssue
        ? ok(await authority.issue(GATEWAY, [], spki, nowMs, 7 * DAY_MS))
        : err('no-authority'),
    clock: {
      monotonicMs: () => 0,
      wallMs: () => nowMs,
      after: (delayMs) => {
        waits.push(delayMs);
        return { stop: () => undefined };
      },
      every: () => ({ stop: () => undefined }),
    },
    random: () => 0.5,
    log: { info: note, warn: note, error: note },
    renewed: async (fresh) => {
      renewed.push(fresh);
    },
  });
  await certificate.start();
  return { certificate, waits, renewed, lines };
}

//  days  can issue  renewed  log
const table: readonly (readonly [number, boolean, number, readonly string[]])[] = [
  [0, true, 0, []],
  [4.6, true, 0, []],
  [4.7, true, 1, ['channel-certificate-renewed']],
  [8, true, 1, ['channel-certificate-renewed']],
  [5, false, 0, ['channel-certificate-not-renewed']],
];

describe('a gateway’s own channel certificate', () => {
  for (const [days, canIssue, count, expected] of table) {
    it(`${days} days old${canIssue ? '' : ', without an authority'}: ${expected.join() || 'stays'}`, async () => {
      const { renewed, lines, waits } = await own(days, canIssue);
      assert.deepEqual([renewed.length, lines], [count, expected]);
      assert.deepEqual(waits, [60_000]);
    });
  }

  it('is not replaced by an older one from the bundle, but by a younger one or another root’s', async () => {
    const { certificate, renewed } = await own(5);
    const [fresh] = renewed;
    assert.equal(certificate.chosen(await credentials(NOW_MS)), fresh);
    const younger = await credentials(NOW_MS + 6 * DAY_MS);
    assert.equal(certificate.chosen(younger), younger);
    const foreign = { ...(await credentials(NOW_MS)), caPem: 'another' };
    assert.equal(certificate.chosen(foreign), foreign);
    assert.equal(certificate.chosen(await credentials(NOW_MS)), fresh, 'nothing was used yet');
    certificate.use(younger);
    assert.equal(certificate.chosen(await credentials(NOW_MS)), younger);
  });
});
