import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createAuthority, type Issued } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import {
  identifyAgain,
  identifyClient,
  identifyServer,
} from '@sallyport/dmz-proxy/identity/identity.ts';
import {
  NO_PARTNERS,
  type PartnerTable,
  partnerTable,
} from '@sallyport/dmz-proxy/identity/partner.ts';
import type {
  RevocationOf,
  RevocationVerdict,
} from '@sallyport/dmz-proxy/identity/revocation-seam.ts';
import type { PartnerSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { parseCertificate } from '@sallyport/shared/x509/certificate.ts';
import { PathCache } from '@sallyport/shared/x509/path-cache.ts';
import {
  around,
  behindIntermediate,
  partnerSnapshot,
  trusting,
} from '../../integration/support/proxy-site.ts';
import { ocspResponse as ocspResponseOf } from '../../ocsp-builder.ts';
import { parsed } from '../../shared/x509/revocation-stage.ts';
import { shownBy } from '../edge-fixture.ts';

const authority = (commonName: string) =>
  createAuthority({ commonName, pathLength: 1, ...around() });
const leafOf = (root: Issued, ...domains: [string, ...string[]]) =>
  issueDomainCertificate(root, { domains, ...around() });
const globexRoot = await authority('globex');
const initechRoot = await authority('initech');

const globex = {
  ...partnerSnapshot(globexRoot.certificatePem),
  domains: ['globex.example', 'g.example'],
};
const initech = {
  ...partnerSnapshot(initechRoot.certificatePem),
  id: 'initech',
  domains: ['initech.example'],
};

function tableOf(...partners: readonly PartnerSnapshot[]): PartnerTable {
  const table = partnerTable(partners, NO_PARTNERS, 0);
  assert.ok(table.ok);
  return table.value;
}

const TABLE = tableOf(globex, initech);
const JUDGING = { table: TABLE, cache: new PathCache(10) };
const evidence = (issued: Issued, changes = {}) => ({
  ...shownBy(issued.certificatePem),
  sourceAddress: '192.0.2.1',
  resumed: false,
  atMs: Date.now(),
  ...changes,
});
const asked = (issued: Issued, changes = {}, table = TABLE, cache = new PathCache(10)) => {
  const identity = identifyClient({ table, cache }, evidence(issued, changes));
  return identity.ok
    ? `${identity.value.partner.id}: ${[...identity.value.domains].join()}`
    : identity.error;
};

describe('who a caller is', () => {
  it('a partner, with those of its domains that the certificate covers', async () => {
    const one = await leafOf(globexRoot, 'globex.example');
    assert.equal(asked(one), 'globex: globex.example');
    const more = await leafOf(globexRoot, 'g.example', 'globex.example', 'other.example');
    assert.equal(asked(more), 'globex: g.example,globex.example');
  });

  it("not a partner by another partner's anchor", async () => {
    assert.equal(asked(await leafOf(initechRoot, 'globex.example')), 'path-not-found');
  });

  it('one of two partners when a certificate names both: whose anchor it leads to', async () => {
    const both = await leafOf(initechRoot, 'globex.example', 'initech.example');
    assert.equal(asked(both), 'initech: initech.example');
  });

  it('nobody without a name of a partner, or without a certificate', async () => {
    const subdomain = await leafOf(globexRoot, 'sip.globex.example');
    assert.equal(asked(subdomain), 'identity-unknown');
    const junk = Buffer.from('x');
    assert.equal(
      asked(subdomain, { leaf: undefined, chain: () => [] }),
      'peer-certificate-missing',
    );
    assert.equal(asked(subdomain, { leaf: junk, chain: () => [junk] }), 'certificate-malformed');
  });

  it('nobody from another network than agreed', async () => {
    const leaf = await leafOf(globexRoot, 'globex.example');
    const table = tableOf({ ...globex, sourceNetworks: ['192.0.2.0/24'] });
    assert.equal(asked(leaf, {}, table), 'globex: globex.example');
    assert.equal(asked(leaf, { sourceAddress: '198.51.100.1' }, table), 'identity-source-network');
  });

  it('nobody without the pinned key', async () => {
    const leaf = await leafOf(globexRoot, 'globex.example');
    const table = tableOf({
      ...globex,
      trustSets: [{ ...trusting(globexRoot.certificatePem), pins: [`${'A'.repeat(43)}=`] }],
    });
    assert.notEqual(asked(leaf, {}, table), 'globex: globex.example');
  });
});

describe('a resumed session, which shows its leaf alone', () => {
  it('is known again while its path is remembered, and not otherwise', async () => {
    const { chain } = await behindIntermediate(globexRoot, 'globex.example');
    const full = evidence(chain);
    const resumed = { chain: () => full.chain().slice(0, 1), resumed: true };
    const cache = new PathCache(10);
    assert.equal(asked(chain, resumed, TABLE, cache), 'identity-resumed-path-unknown');
    assert.equal(asked(chain, {}, TABLE, cache), 'globex: globex.example');
    assert.equal(asked(chain, resumed, TABLE, cache), 'globex: globex.example');
  });

  it('is judged by the trust of now, though its leaf is known already', async () => {
    const { chain } = await behindIntermediate(globexRoot, 'globex.example');
    const cache = new PathCache(10);
    const resumed = { chain: () => evidence(chain).chain().slice(0, 1), resumed: true };
    assert.equal(asked(chain, {}, TABLE, cache), 'globex: globex.example');
    const distrusted = tableOf({ ...globex, trustSets: [trusting(initechRoot.certificatePem)] });
    const stricter = tableOf({ ...globex, purposes: 'strict' });
    assert.equal(
      asked(chain, resumed, distrusted, new PathCache(10)),
      'identity-resumed-path-unknown',
    );
    assert.equal(asked(chain, resumed, stricter, cache), 'identity-resumed-path-unknown');
    assert.equal(asked(chain, {}, stricter, cache), 'globex: globex.example');
  });

  it('is known under another snapshot that trusts the same', async () => {
    const { chain } = await behindIntermediate(globexRoot, 'globex.example');
    const cache = new PathCache(10);
    const resumed = { chain: () => evidence(chain).chain().slice(0, 1), resumed: true };
    assert.equal(asked(chain, {}, TABLE, cache), 'globex: globex.example');
    const again = tableOf({ ...globex, methods: ['MESSAGE'], messagesBurst: 7 }, initech);
    assert.equal(asked(chain, resumed, again, cache), 'globex: globex.example');
  });

  it('asks for the other certificates only where no path is remembered', async () => {
    const { chain } = await behindIntermediate(globexRoot, 'globex.example');
    const cache = new PathCache(10);
    let asks = 0;
    const counted = {
      chain: () => {
        asks++;
        return evidence(chain).chain();
      },
    };
    assert.equal(asked(chain, counted, TABLE, cache), 'globex: globex.example');
    assert.equal(asked(chain, counted, TABLE, cache), 'globex: globex.example');
    assert.equal(asks, 1);
  });

  it('is judged by the dates of now', async () => {
    const { chain } = await behindIntermediate(globexRoot, 'globex.example');
    const cache = new PathCache(10);
    assert.equal(asked(chain, {}, TABLE, cache), 'globex: globex.example');
    const later = { resumed: true, atMs: Date.now() + 40 * 86_400_000 };
    assert.notEqual(asked(chain, later, TABLE, cache), 'globex: globex.example');
  });
});

describe('whom we have reached (RFC 5922 §7.3)', () => {
  const partner = TABLE.byId.get('globex');
  assert.ok(partner);
  const reached = async (issued: Issued, ...names: readonly string[]) => {
    const identity = identifyServer(JUDGING, partner, names, evidence(issued));
    return identity.ok ? 'proven' : identity.error;
  };

  it('the host that the URI names, or nobody', async () => {
    const leaf = await leafOf(globexRoot, 'globex.example');
    assert.equal(await reached(leaf, 'globex.example'), 'proven');
    assert.equal(await reached(leaf, 'sip.globex.example'), 'identity-domain-not-covered');
    assert.equal(await reached(leaf, 'sip.globex.example', 'globex.example'), 'proven');
  });

  it('never by the anchor of another, nor by a certificate for clients alone', async () => {
    assert.equal(
      await reached(await leafOf(initechRoot, 'globex.example'), 'globex.example'),
      'path-not-found',
    );
    const clientOnly = await issueDomainCertificate(globexRoot, {
      domains: ['globex.example'],
      usages: ['clientAuth'],
      ...around(),
    });
    assert.notEqual(await reached(clientOnly, 'globex.example'), 'proven');
  });
});

describe('an identity under a new configuration', () => {
  const again = async (...partners: readonly PartnerSnapshot[]) => {
    const { chain } = await behindIntermediate(globexRoot, 'globex.example');
    const identity = identifyClient(JUDGING, evidence(chain));
    assert.ok(identity.ok);
    const judging = { table: tableOf(...partners), cache: new PathCache(1) };
    const [partner] = judging.table.byId.values();
    assert.ok(partner);
    const known = identifyAgain(judging, identity.value, partner, 'client', {
      sourceAddress: '192.0.2.1',
      atMs: Date.now(),
    });
    return known.ok ? known.value.partner.id : known.error;
  };

  it('holds while partner, anchor, domain and source do', async () => {
    const elsewhere = { ...globex, trustSets: [trusting(initechRoot.certificatePem)] };
    assert.equal(await again(globex), 'globex');
    assert.equal(await again({ ...globex, domains: ['g.example'] }), 'identity-domain-not-covered');
    assert.equal(await again(elsewhere), 'path-not-found');
    assert.equal(
      await again({ ...globex, sourceNetworks: ['10.0.0.0/8'] }),
      'identity-source-network',
    );
  });
});

describe('several trust sets of one partner', () => {
  const old = trusting(globexRoot.certificatePem, 't1');
  const next = trusting(initechRoot.certificatePem, 't2');
  const twin = trusting(globexRoot.certificatePem, 't2');
  const setOf = async (
    sets: PartnerSnapshot['trustSets'],
    issued: Issued,
    cache = new PathCache(10),
  ) => {
    const judging = { table: tableOf({ ...globex, trustSets: sets }), cache };
    const identity = identifyClient(judging, evidence(issued));
    const again = identifyClient(judging, evidence(issued));
    assert.deepEqual(
      again.ok && again.value.trustSet,
      identity.ok && identity.value.trustSet,
      'remembered',
    );
    return identity.ok ? identity.value.trustSet : identity.error;
  };

  it('each let in by itself, old and new at once', async () => {
    const before = await leafOf(globexRoot, 'globex.example');
    const after = await leafOf(initechRoot, 'globex.example');
    assert.equal(await setOf([old, next], before), 't1');
    assert.equal(await setOf([old, next], after), 't2');
    assert.equal(await setOf([old], after), 'path-not-found');
    assert.equal(await setOf([next], before), 'path-not-found');
  });

  it('where both would do, the newest is the one in use', async () => {
    const leaf = await leafOf(globexRoot, 'globex.example');
    assert.equal(await setOf([old, twin], leaf), 't2');
  });

  it('count for the newest also where a path is remembered for an older one', async () => {
    const leaf = await leafOf(globexRoot, 'globex.example');
    const [der] = evidence(leaf).chain();
    const parsed = der && parseCertificate(der);
    assert.ok(parsed?.ok);
    const pinned = { ...old, id: 't2', anchors: [], pins: [parsed.value.spkiSha256] };
    const cache = new PathCache(10);
    assert.equal(await setOf([old], leaf, cache), 't1');
    assert.equal(await setOf([old, pinned], leaf, cache), 't2');
  });

  it('are never joined: the pin of one does not do for the anchor of another', async () => {
    const leaf = await leafOf(globexRoot, 'globex.example');
    const [der] = evidence(leaf).chain();
    const parsed = der && parseCertificate(der);
    assert.ok(parsed?.ok);
    const pin = parsed.value.spkiSha256;
    const strange = `${'A'.repeat(43)}=`;
    const pinned = (id: string, root: Issued, key: string) => ({
      ...trusting(root.certificatePem, id),
      pins: [key],
    });
    const apart = [pinned('t1', globexRoot, strange), pinned('t2', initechRoot, pin)];
    assert.equal(await setOf(apart, leaf), 'path-pin-mismatch');
    assert.equal(await setOf([pinned('t1', globexRoot, pin), next], leaf), 't1');
    assert.equal(await setOf([{ ...old, id: 't3', anchors: [], pins: [pin] }], leaf), 't3');
  });
});

describe('a company that speaks for a partner', () => {
  const delegating = {
    ...globex,
    delegations: [{ certificate: 'hoster.example', domains: ['g.example'] }],
  };
  const table = tableOf(delegating, initech);

  it('finds the partner by its own name, and speaks for what was delegated alone', async () => {
    const hoster = await leafOf(globexRoot, 'hoster.example');
    assert.equal(asked(hoster, {}, table), 'globex: g.example');
    assert.equal(asked(hoster), 'identity-unknown');
    const both = await leafOf(globexRoot, 'hoster.example', 'globex.example');
    assert.equal(asked(both, {}, table), 'globex: g.example,globex.example');
  });

  it('proves itself by what that partner trusts', async () => {
    const hoster = await leafOf(initechRoot, 'hoster.example');
    assert.equal(asked(hoster, {}, table), 'path-not-found');
  });

  it('may speak for several partners: each by its own trust', async () => {
    const shared = tableOf(delegating, {
      ...initech,
      delegations: [{ certificate: 'hoster.example', domains: ['initech.example'] }],
    });
    const forGlobex = await leafOf(globexRoot, 'hoster.example');
    const forInitech = await leafOf(initechRoot, 'hoster.example');
    assert.equal(asked(forGlobex, {}, shared), 'globex: g.example');
    assert.equal(asked(forInitech, {}, shared), 'initech: initech.example');
  });

  it('is reached under the delegated domain, and under no other of the partner', async () => {
    const partner = table.byId.get('globex');
    assert.ok(partner);
    const hoster = evidence(await leafOf(globexRoot, 'hoster.example'));
    const judging = { table, cache: new PathCache(1) };
    const reached = (name: string) => identifyServer(judging, partner, [name], hoster).ok;
    assert.deepEqual(['g.example', 'hoster.example', 'globex.example'].map(reached), [
      true,
      true,
      false,
    ]);
  });
});

describe('revocation', () => {
  it('is asked anew each time, also of paths that are remembered', async () => {
    const leaf = evidence(await leafOf(globexRoot, 'globex.example'));
    const table = tableOf({
      ...globex,
      revocation: { mode: 'soft-fail', fetch: false, lists: [] },
    });
    let verdict: RevocationVerdict = 'good';
    const judging = { table, cache: new PathCache(1), revocationOf: () => verdict };
    const known = identifyClient(judging, leaf);
    assert.ok(known.ok);
    verdict = 'revoked';
    assert.deepEqual(identifyClient(judging, leaf), { ok: false, error: 'revocation-revoked' });
    const again = identifyAgain(judging, known.value, known.value.partner, 'client', leaf);
    assert.deepEqual(again, { ok: false, error: 'revocation-revoked' });
  });

  it('of a server is asked with what it stapled, again later, and of a client without', async () => {
    const issued = await leafOf(globexRoot, 'globex.example');
    const leaf = evidence(issued);
    const ocspResponse = ocspResponseOf({ certificate: parsed(issued), authority: globexRoot });
    const table = tableOf({
      ...globex,
      revocation: { mode: 'hard-fail', fetch: false, lists: [] },
    });
    const partner = table.byId.get('globex');
    assert.ok(partner);
    const seen: string[] = [];
    const revocationOf: RevocationOf = (...[, , , staple]) => {
      const status = staple?.status;
      seen.push(status?.ok === true ? status.value.kind : (status?.error ?? 'not asked'));
      return 'good';
    };
    const judging = { table, cache: new PathCache(1), revocationOf };
    const names = ['globex.example'];
    const server = identifyServer(judging, partner, names, { ...leaf, ocspResponse });
    assert.ok(server.ok);
    assert.ok(identifyAgain(judging, server.value, partner, 'server', leaf).ok);
    assert.ok(identifyServer(judging, partner, names, leaf).ok);
    assert.ok(identifyClient(judging, leaf).ok);
    assert.deepEqual(seen, ['good', 'good', 'ocsp-missing', 'not asked']);
  });
});
