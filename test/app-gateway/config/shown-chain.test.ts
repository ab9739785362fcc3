import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shownChain } from '@sallyport/app-gateway/config/shown-chain.ts';
import { createAuthority, issueIntermediate } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { YEAR } from '../site-fixture.ts';

describe('a chain of ours on the wire', async () => {
  const root = await createAuthority({ commonName: 'Root', pathLength: 1, ...YEAR });
  const issuing = await issueIntermediate(root, { commonName: 'Issuing', ...YEAR });
  const leaf = await issueDomainCertificate(issuing, { domains: ['acme.example'], ...YEAR });
  const [one, two, three] = [leaf, issuing, root].map(({ certificatePem }) =>
    certificatePem.trim(),
  );
  const rows = [
    ['leaf, issuing authority, root', [one, two, three], [one, two]],
    ['leaf, issuing authority', [one, two], [one, two]],
    ['leaf', [one], [one]],
    ['a certificate that signed itself', [three], [three]],
  ] as const;
  for (const [what, chain, shown] of rows) {
    it(what, () => {
      const text = shownChain(`${chain.join('\n')}\n`);
      assert.equal(text.trim(), shown.join('\n'));
    });
  }
});
