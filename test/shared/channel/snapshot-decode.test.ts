import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { canonicalJson } from '@sallyport/shared/channel/snapshot.ts';
import { decodeSnapshot } from '@sallyport/shared/channel/snapshot-decode.ts';
import { CERTIFICATE_PEM, SAMPLE_PARTNER, SAMPLE_SNAPSHOT } from './snapshot-sample.ts';

const { limits, identities } = SAMPLE_SNAPSHOT;
const [identity] = identities;

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
  [partner({ anchors: [] }), 'partners[0].anchors'],
  [partner({ anchors: ['PEM'] }), 'partners[0].anchors[0]'],
  [partner({ anchors: [`${CERTIFICATE_PEM}${CERTIFICATE_PEM}`] }), 'partners[0].anchors[0]'],
  [partner({ pins: ['AAAA'] }), 'partners[0].pins[0]'],
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
  [partner({ domains: ['acme.example'] }), 'domains'],
  [{ partners: [SAMPLE_PARTNER, { ...SAMPLE_PARTNER, domains: ['x.example'] }] }, 'partner ids'],
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
      ...partner({ methods: [], pins: ['x'] }),
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
