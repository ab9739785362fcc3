import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalJson } from '@sallyport/shared/channel/snapshot.ts';
import { decodeSnapshot } from '@sallyport/shared/channel/snapshot-decode.ts';
import { CERTIFICATE_PEM, SAMPLE_PARTNER, SAMPLE_SNAPSHOT } from './snapshot-sample.ts';

const { limits, identities } = SAMPLE_SNAPSHOT;
const [identity] = identities;

const SET = { id: 't1', anchors: [CERTIFICATE_PEM], intermediates: [], pins: [] };
const PIN = `${'A'.repeat(43)}=`;
const DELEGATION = { certificate: 'hoster.example', domains: ['globex.example'] };
const REVOCATION = { mode: 'hard-fail', fetch: false, lists: [] };
const AUDIT = {
  spoolKey: PIN,
  whenFull: 'refuse',
  memoryBytesMax: 1_048_576,
  spoolBytesMax: 1_048_576,
  origin: 'sallyport/acme',
  ledgerKey: PIN,
};
const SALT = `${'A'.repeat(22)}==`;
const LIST_PEM = '-----BEGIN X509 CRL-----\nMAMCAQE=\n-----END X509 CRL-----\n';
const sets = (count: number) => Array.from({ length: count }, (_, n) => ({ ...SET, id: `t${n}` }));

function problemsOf(content: object): readonly string[] {
  const decoded = decodeSnapshot(Buffer.from(canonicalJson(content)));
  return decoded.ok ? [] : decoded.error;
}

function partner(change: object): object {
  return { partners: [{ ...SAMPLE_PARTNER, ...change }] };
}

//  change                                              where the problem is, or none
const table: readonly (readonly [object, string | undefined])[] = [
  [{}, undefined],
  [{ partners: [] }, undefined],
  [{ version: 0 }, 'version'],
  [{ version: 1.5 }, 'version'],
  [{ issuedAt: 'today' }, 'issuedAt'],
  [{ publicHost: 'sip.acme.example\r\nVia: x' }, 'publicHost'],
  [{ domains: [] }, 'domains'],
  [{ domains: ['*.acme.example'] }, 'domains[0]'],
  [{ identities: [] }, 'identities'],
  [{ identities: [{ ...identity, chainPem: '' }] }, 'identities[0].chainPem'],
  [{ identities: [{ ...identity, keyPem: 'key' }] }, 'identities[0].keyPem'],
  [{ identities: [identity, { ...identity, serverNames: [] }] }, 'identities'],
  [
    { identities: [identity, { ...identity, name: 'second', serverNames: ['acme.example'] }] },
    'server names',
  ],
  [{ unknownServerName: 'accept' }, 'unknownServerName'],
  [{ missingServerName: 'accept' }, 'missingServerName'],
  [{ nameservers: ['dns.example'] }, 'nameservers[0]'],
  [partner({ trustSets: [] }), 'partner globex'],
  [partner({ trustSets: [], plainTcp: true }), undefined],
  [partner({ plainTcp: 'yes' }), 'partners[0].plainTcp'],
  [partner({ plainTcp: true, sourceNetworks: [] }), 'partner globex'],
  [partner({ plainTcp: false, sourceNetworks: [] }), undefined],
  [partner({ endpoints: [{ host: 'x', port: 1, transport: 'tcp' }] }), 'partner globex'],
  [partner({ plainTcp: true, endpoints: [{ host: 'x', port: 1, transport: 'tcp' }] }), undefined],
  [
    partner({
      plainTcp: true,
      endpoints: [
        { host: 'x', port: 1, transport: 'tcp' },
        { host: 'x', port: 2 },
      ],
    }),
    'partner globex',
  ],
  [
    partner({ endpoints: [{ host: 'x', port: 1, transport: 'tls' }] }),
    'partners[0].endpoints[0].transport',
  ],
  [{ advertised: ['north.acme.example:5071', '[2001:db8::1]:5060'] }, undefined],
  [{ advertised: [] }, 'advertised'],
  [{ advertised: ['north.acme.example'] }, 'advertised[0]'],
  [{ advertised: ['a\r\nb:1'] }, 'advertised[0]'],
  [partner({ trustSets: sets(8) }), undefined],
  [partner({ trustSets: sets(9) }), 'partners[0].trustSets'],
  [partner({ trustSets: [SET, SET] }), 'trust sets of globex'],
  [partner({ trustSets: [{ ...SET, anchors: [] }] }), 'partner globex'],
  [partner({ trustSets: [{ ...SET, anchors: [], pins: [PIN] }] }), undefined],
  [partner({ trustSets: [{ ...SET, anchors: ['PEM'] }] }), 'partners[0].trustSets[0].anchors[0]'],
  [
    partner({ trustSets: [{ ...SET, anchors: [`${CERTIFICATE_PEM}${CERTIFICATE_PEM}`] }] }),
    'partners[0].trustSets[0].anchors[0]',
  ],
  [partner({ trustSets: [{ ...SET, pins: ['AAAA'] }] }), 'partners[0].trustSets[0].pins[0]'],
  [partner({ delegations: [] }), undefined],
  [partner({ delegations: [{ ...DELEGATION, domains: ['x.example'] }] }), 'partner globex'],
  [partner({ delegations: [{ ...DELEGATION, certificate: 'acme.example' }] }), 'partner globex'],
  [
    partner({ delegations: [{ ...DELEGATION, certificate: '*.hoster.example' }] }),
    'partners[0].delegations[0].certificate',
  ],
  [partner({ purposes: 'strict' }), undefined],
  [partner({ purposes: 'none' }), 'partners[0].purposes'],
  [partner({ revocation: { ...REVOCATION, lists: [LIST_PEM] } }), undefined],
  [
    partner({ revocation: { ...REVOCATION, lists: [CERTIFICATE_PEM] } }),
    'partners[0].revocation.lists[0]',
  ],
  [partner({ revocation: { ...REVOCATION, mode: 'hope' } }), 'partners[0].revocation.mode'],
  [partner({ trial: {} }), undefined],
  [partner({ trial: { methods: ['MESSAGE'], revocation: 'hard-fail' } }), undefined],
  [partner({ trial: { methods: [] } }), 'partners[0].trial.methods'],
  [partner({ trial: { connectionsMax: 1 } }), 'partners[0].trial."connectionsMax"'],
  [{ audit: AUDIT }, undefined],
  [{ audit: { ...AUDIT, whenFull: 'gap', bodyHashSalt: SALT } }, undefined],
  [{ audit: { ...AUDIT, spoolKey: 'AAAA' } }, 'audit.spoolKey'],
  [{ audit: { ...AUDIT, whenFull: 'drop' } }, 'audit.whenFull'],
  [{ audit: { ...AUDIT, memoryBytesMax: 1_048_575 } }, 'audit.memoryBytesMax'],
  [{ audit: { ...AUDIT, spoolBytesMax: 1_048_575 } }, 'audit.spoolBytesMax'],
  [{ audit: { ...AUDIT, origin: 'sally port' } }, 'audit.origin'],
  [{ audit: { ...AUDIT, ledgerKey: '' } }, 'audit.ledgerKey'],
  [{ audit: { ...AUDIT, bodyHashSalt: 'AAAA' } }, 'audit.bodyHashSalt'],
  [{ severed: [] }, undefined],
  [{ severed: ['globex'] }, undefined],
  [{ severed: ['Globex'] }, 'severed[0]'],
  [partner({ sourceNetworks: ['192.0.2.0/33'] }), 'partners[0].sourceNetworks[0]'],
  [partner({ sourceNetworks: [] }), undefined],
  [partner({ methods: [] }), 'partners[0].methods'],
  [partner({ methods: ['message'] }), 'partners[0].methods[0]'],
  [partner({ eventPackages: ['a b'] }), 'partners[0].eventPackages[0]'],
  [partner({ endpoints: [{ host: 'x', port: 0 }] }), 'partners[0].endpoints[0].port'],
  [partner({ messagesPerSecond: 0 }), 'partners[0].messagesPerSecond'],
  [partner({ connectionsMax: 0 }), 'partners[0].connectionsMax'],
  [partner({ allowNoEku: undefined }), 'partners[0].allowNoEku'],
  [partner({ trusted: true }), 'partners[0]."trusted"'],
  [partner({ ownIdentity: 'other' }), 'partner globex'],
  [partner({ domains: ['acme.example'], delegations: [] }), 'domains'],
  [
    { partners: [SAMPLE_PARTNER, { ...SAMPLE_PARTNER, domains: ['x.example'], delegations: [] }] },
    'partner ids',
  ],
  [{ partners: [SAMPLE_PARTNER, { ...SAMPLE_PARTNER, id: 'other' }] }, 'domains'],
  [{ limits: { ...limits, headBytesMax: 65_536, bodyBytesMax: 327_680 } }, undefined],
  [{ limits: { ...limits, bodyBytesMax: 327_681 } }, 'limits.bodyBytesMax'],
  [{ limits: { ...limits, headersMax: undefined } }, 'limits.headersMax'],
  [{ debug: true }, '"debug"'],
];

describe('content of a snapshot', () => {
  for (const [change, place] of table) {
    it(`${JSON.stringify(change).slice(0, 70)} -> ${place ?? 'good'}`, () => {
      const problems = problemsOf({ ...SAMPLE_SNAPSHOT, ...change });
      assert.deepEqual(
        problems.map((problem) => problem.split(': ')[0]),
        place === undefined ? [] : [place],
      );
    });
  }

  it('comes back as it was written', () => {
    const decoded = decodeSnapshot(Buffer.from(canonicalJson(SAMPLE_SNAPSHOT)));
    assert.deepEqual(decoded, { ok: true, value: SAMPLE_SNAPSHOT });
  });

  it('reports all problems at once', () => {
    const problems = problemsOf({
      ...SAMPLE_SNAPSHOT,
      version: 0,
      limits: { ...limits, headersMax: 1 },
      ...partner({ methods: [], purposes: 'x' }),
    });
    assert.equal(problems.length, 4);
  });

  it('refuses a key that stands twice', () => {
    const json = canonicalJson(SAMPLE_SNAPSHOT).replace(
      '"site":"acme"',
      '"site":"x","site":"acme"',
    );
    const decoded = decodeSnapshot(Buffer.from(json));
    assert.deepEqual(decoded, { ok: false, error: ['document: not in canonical form'] });
  });
});
