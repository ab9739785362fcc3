import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { exportFiles } from '@sallyport/app-gateway/adapters/files/export-files.ts';
import type { PartnerRecord } from '@sallyport/app-gateway/domain/exchange/partner/partner-record.ts';
import type { State } from '@sallyport/app-gateway/ports/state-store.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { PARTNER_YAML, siteTexts, type Texts, YEAR } from '../../site-fixture.ts';
import { after, EMPTY_STATE, importTexts } from './import-stage.ts';

const FULL = `id: globex
enabled: false
description: "a: text with # signs, 'quotes' and\\ttabs"
contacts: [{ name: Ann, phone: "+1 555" }, { name: "null", email: ann@globex.example }]
domains: [globex.example, xn--bcher-kva.example]
delegations: [{ certificate: host.example, domains: [globex.example] }]
purposes: strict
methods: [MESSAGE, OPTIONS]
trial: { methods: [MESSAGE], revocation: hard-fail }
endpoints: [{ host: "2001:db8::1", port: 5061 }]
messagesPerSecond: 0.5
severed: { atMs: 5, operator: ann, reason: "their key: stolen" }
trustSets:
  - { id: t2, state: retired, anchors: [globex.crt] }
  - { id: t4, state: active, anchors: [globex.crt], pins: [AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=] }
  - { id: t7, state: staged, anchors: [next.crt], intermediates: [globex.crt], signingKeys: [AAAA] }
  - { id: t8, state: received, pins: [AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=] }
`;

describe('export of the state', () => {
  let texts: Texts;
  before(async () => {
    const next = await createAuthority({ commonName: 'next CA', ...YEAR });
    texts = new Map([...(await siteTexts()), ['partners/next.crt', next.certificatePem]]);
  });

  const withFiles = (state: State): Texts =>
    new Map([
      ...[...texts].filter(([file]) => !file.startsWith('partners/')),
      ...exportFiles(state).map(({ path, text }) => [path, text] as const),
    ]);
  /** Without when and from which file, which an import cannot know. */
  const lasting = ({ trustSets, ...rest }: PartnerRecord) => ({
    ...rest,
    trustSets: trustSets.map(({ origin: _, ...set }) => set),
  });

  for (const [what, yaml] of [
    ['a plain partner', PARTNER_YAML],
    ['a severed partner in the middle of a change of keys', FULL],
  ] as const) {
    it(`gives ${what} as a file that changes nothing, and makes the same of an empty state`, () => {
      const state = after(EMPTY_STATE, new Map([...texts, ['partners/globex.yaml', yaml]]));
      const exported = withFiles(state);
      const again = importTexts(state, exported);
      assert.ok(again.ok, JSON.stringify(again));
      assert.deepEqual(again.value.difference, []);
      const anew = after(EMPTY_STATE, exported);
      assert.deepEqual(anew.partners.map(lasting), state.partners.map(lasting));
    });
  }

  it('holds no private key, and the certificates of keys that are not retired', () => {
    const state = after(EMPTY_STATE, texts);
    const files = exportFiles(state);
    assert.deepEqual(
      files.map(({ path }) => path),
      ['identities/exported/main-k1.crt'],
    );
    assert.equal(files[0]?.text, texts.get('identities/main.crt'));
    assert.doesNotMatch(JSON.stringify(files), /PRIVATE/);
  });
});
