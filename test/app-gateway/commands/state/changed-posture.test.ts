import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { changedPosture } from '@sallyport/app-gateway/commands/state/changed-posture.ts';
import { partnerSchema } from '@sallyport/app-gateway/config/partner-schema.ts';
import type { Site } from '@sallyport/app-gateway/config/site.ts';
import type { IdentityRecord } from '@sallyport/app-gateway/domain/exchange/identity/identity-record.ts';
import type { PartnerRecord } from '@sallyport/app-gateway/domain/exchange/partner/partner-record.ts';
import type { State, StateChange } from '@sallyport/app-gateway/ports/state-store.ts';
import { encodePem } from '@sallyport/shared/x509/pem.ts';
import { buildCertificate, ecKey, rsaKey, type TestKey } from '../../../x509-builder.ts';
import { loadSite, SITE_YAML, siteTexts } from '../../site-fixture.ts';

const EVENTS: StateChange['events'] = [
  {
    atMs: 1,
    kind: 'partner-changed',
    subject: 'partner/globex',
    detail: {},
    author: { kind: 'program', node: 'gateway-1' },
  },
];

function partner(id: string, mode: 'off' | 'soft-fail', isEnabled = true): PartnerRecord {
  const {
    id: _,
    anchors: __,
    intermediates: ___,
    pins: ____,
    ...settings
  } = partnerSchema.parse({
    id,
    domains: [`${id}.example`],
    anchors: ['globex.crt'],
    methods: ['MESSAGE'],
    enabled: isEnabled,
    revocation: { mode },
  });
  return {
    id,
    settings,
    trustSets: [],
    presentations: [],
    receivedSequence: 0,
    offeredSequence: 0,
  };
}

function identity(key: TestKey, state: 'active' | 'ready'): IdentityRecord {
  return {
    name: 'main',
    position: 0,
    serverNames: [],
    keys: [
      {
        id: 'k1',
        state,
        kind: 'ec-p256',
        spki: '',
        chainPem: encodePem(buildCertificate({ subject: 'own', key }), 'CERTIFICATE'),
        sealedKey: '',
        createdAtMs: 0,
      },
    ],
  };
}

const STRONG = partner('globex', 'soft-fail');
const WEAK = partner('globex', 'off');
const SEVERED = { atMs: 1, operator: 'ann', reason: 'lost key' };

//  change                                before                after                                        refused
const table: readonly (readonly [
  string,
  readonly PartnerRecord[],
  Omit<StateChange, 'events'>,
  boolean,
])[] = [
  ['a partner that is added and strong enough', [], { partners: [STRONG] }, false],
  ['a partner that is added and too weak', [], { partners: [WEAK] }, true],
  [
    'one that is too weak and not enabled',
    [],
    { partners: [partner('globex', 'off', false)] },
    false,
  ],
  ['one that is enabled then', [partner('globex', 'off', false)], { partners: [WEAK] }, true],
  ['one that becomes too weak', [STRONG], { partners: [WEAK] }, true],
  [
    'one that was too weak and is cut off',
    [WEAK],
    { partners: [{ ...WEAK, severed: SEVERED }] },
    false,
  ],
  [
    'another one beside one that was too weak',
    [WEAK],
    { partners: [partner('initech', 'soft-fail')] },
    false,
  ],
  ['another one that is too weak itself', [WEAK], { partners: [partner('initech', 'off')] }, true],
  ['one that was too weak and is removed', [WEAK], { removedPartners: ['globex'] }, false],
  ['a strong key of our own', [STRONG], { identities: [identity(ecKey(), 'active')] }, false],
  ['a weak key that is shown', [STRONG], { identities: [identity(rsaKey(1024), 'active')] }, true],
  [
    'a weak key that is not shown yet',
    [STRONG],
    { identities: [identity(rsaKey(1024), 'ready')] },
    false,
  ],
];

describe('posture that a change would leave', () => {
  let site: Site;
  before(async () => {
    const loaded = loadSite(`${SITE_YAML}requirePosture: medium\n`, [], await siteTexts());
    assert.ok(loaded.ok);
    site = loaded.value;
  });

  const stateWith = (partners: readonly PartnerRecord[]): State => {
    return { revision: 1, partners, identities: [], operators: [], nodes: [] };
  };

  for (const [change, partners, after, isRefused] of table) {
    it(`${change}: ${isRefused ? 'refused' : 'done'}`, () => {
      const done = changedPosture(site, stateWith(partners), { ...after, events: EVENTS });
      assert.equal(!done.ok, isRefused, JSON.stringify(done));
      if (done.ok) return;
      assert.equal(done.error.code, 'posture-too-low');
      assert.match(done.error.message, /^medium is demanded, and this is low: .*; to raise it: /);
    });
  }

  it('is of no interest where nothing is demanded', () => {
    const { requirePosture: _, ...free } = site;
    const change = { partners: [WEAK], events: EVENTS };
    assert.ok(changedPosture(free, stateWith([]), change).ok);
  });
});
