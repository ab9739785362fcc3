import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { PartnerRecord } from '@sallyport/app-gateway/domain/exchange/partner/partner-record.ts';
import type { State } from '@sallyport/app-gateway/ports/state-store.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import {
  domainCertificate,
  NOW_MS,
  PARTNER_YAML,
  siteTexts,
  type Texts,
  YEAR,
} from '../../site-fixture.ts';
import { after, EMPTY_STATE, importTexts, TOOLS } from './import-stage.ts';

const FILE = 'partners/globex.yaml';

describe('import of a site’s files', () => {
  let texts: Texts;
  let otherAnchor: string;
  let state: State;
  before(async () => {
    texts = new Map([...(await siteTexts()), [FILE, PARTNER_YAML]]);
    otherAnchor = (await createAuthority({ commonName: 'next CA', ...YEAR })).certificatePem;
    state = after(EMPTY_STATE, texts);
  });

  const change = (...pairs: readonly (readonly [string, string])[]): Texts =>
    new Map([...texts, ...pairs]);
  const differences = (now: State, from: Texts): readonly string[] => {
    const done = importTexts(now, from);
    assert.ok(done.ok, JSON.stringify(done));
    assert.equal(done.value.change === undefined, done.value.difference.length === 0);
    return done.value.difference.map(
      ({ subject, kind, fields }) =>
        `${kind} ${subject}: ${fields.map(({ field }) => field).join()}`,
    );
  };
  const globex = (now: State): PartnerRecord => {
    const found = now.partners.find(({ id }) => id === 'globex');
    assert.ok(found);
    return found;
  };
  const sets = (now: State): readonly string[] =>
    globex(now).trustSets.map(({ id, state: at }) => `${id} ${at}`);

  it('into an empty state takes partners and identities in force, each with its event', () => {
    const done = importTexts(EMPTY_STATE, texts);
    assert.ok(done.ok);
    assert.deepEqual(
      done.value.change?.events.map(({ kind, subject, detail }) => [
        kind,
        subject,
        detail['change'],
      ]),
      [
        ['imported', 'partner/globex', 'added'],
        ['imported', 'identity/main', 'added'],
      ],
    );
    const [set] = globex(state).trustSets;
    assert.deepEqual(set?.anchors, [texts.get('partners/globex.crt')]);
    assert.deepEqual([set?.id, set?.state, set?.origin.format], ['t1', 'active', 'site-file']);
    assert.equal(set?.activatedAtMs, NOW_MS);
    const [key] = state.identities[0]?.keys ?? [];
    assert.deepEqual([key?.id, key?.state, key?.kind], ['k1', 'active', 'ec-p256']);
    assert.equal(key?.chainPem, texts.get('identities/main.crt'));
    assert.equal(JSON.parse(key?.sealedKey ?? '').label, 'main/k1');
  });

  it('puts no private key and no certificate into events', () => {
    const done = importTexts(EMPTY_STATE, texts);
    assert.doesNotMatch(JSON.stringify(done.ok && done.value.change?.events), /BEGIN/);
    assert.doesNotMatch(JSON.stringify(done.ok && done.value.difference), /BEGIN/);
  });

  it('of the same content changes nothing, also after the state went through JSON', () => {
    assert.deepEqual(differences(state, texts), []);
    assert.deepEqual(differences(JSON.parse(JSON.stringify(state)) as State, texts), []);
  });

  it('names each changed setting before and after', () => {
    const done = importTexts(state, change([FILE, `${PARTNER_YAML}messagesPerSecond: 7\n`]));
    assert.deepEqual(done.ok && done.value.difference, [
      {
        subject: 'partner/globex',
        kind: 'changed',
        fields: [{ field: 'messagesPerSecond', before: 100, after: 7 }],
      },
    ]);
  });

  it('removes a partner whose file is gone', () => {
    const without = new Map([...texts].filter(([file]) => file !== FILE));
    assert.deepEqual(differences(state, without), ['removed partner/globex: ']);
    assert.deepEqual(after(state, without).partners, []);
  });

  it('with other anchors retires the set in force and numbers the new one on', () => {
    const next = after(state, change(['partners/globex.crt', otherAnchor]));
    assert.deepEqual(sets(next), ['t1 retired', 't2 active']);
    assert.equal(globex(next).trustSets[0]?.retiredAtMs, NOW_MS);
    const back = after(next, texts);
    assert.deepEqual(sets(back), ['t1 retired', 't2 retired', 't3 active']);
  });

  it('with the short form leaves what is only received alone, and ends what else is in force', () => {
    const record = globex(state);
    const [set] = record.trustSets;
    assert.ok(set);
    const busy = {
      ...state,
      partners: [
        {
          ...record,
          trustSets: [
            set,
            { ...set, id: 't2', state: 'received' as const, fingerprint: 'a' },
            { ...set, id: 't3', state: 'staged' as const, fingerprint: 'b' },
          ],
        },
      ],
    };
    assert.deepEqual(sets(after(busy, texts)), ['t1 active', 't2 received', 't3 retired']);
  });

  it('with several sets follows their states, and refuses other keys under a known number', () => {
    const long = (...rows: readonly string[]) =>
      PARTNER_YAML.replace('anchors: [globex.crt]', `trustSets:\n${rows.join('')}`);
    const t1 = (at: string) => `  - { id: t1, state: ${at}, anchors: [globex.crt] }\n`;
    const t5 = (at: string) => `  - { id: t5, state: ${at}, anchors: [next.crt] }\n`;
    const both = (yaml: string) => change([FILE, yaml], ['partners/next.crt', otherAnchor]);
    const rolling = after(state, both(long(t1('active'), t5('staged'))));
    assert.deepEqual(sets(rolling), ['t1 active', 't5 staged']);
    const rolled = after(rolling, both(long(t1('retired'), t5('active'))));
    assert.deepEqual(sets(rolled), ['t1 retired', 't5 active']);
    assert.deepEqual(sets(after(rolling, both(long(t5('active'))))), ['t1 retired', 't5 active']);
    const wrong = importTexts(rolling, both(long(t1('active').replace('globex', 'next'))));
    assert.equal(wrong.ok, false);
    assert.equal(!wrong.ok && wrong.error[0]?.path, 'trustSets[0].id');
    assert.match(wrong.ok ? '' : (wrong.error[0]?.message ?? ''), /new number \(t6\)/);
  });

  it('keeps a partner severed', () => {
    const severed = { atMs: 1, operator: 'ann', reason: 'stolen' };
    const cut = { ...state, partners: state.partners.map((one) => ({ ...one, severed })) };
    assert.deepEqual(
      globex(after(cut, change([FILE, `${PARTNER_YAML}enabled: true\n`]))).severed,
      severed,
    );
    assert.deepEqual(differences(cut, texts), []);
  });

  it('takes a new key of an identity into use, and brings no retired one back', async () => {
    const authority = await createAuthority({ commonName: 'CA', ...YEAR });
    const next = await domainCertificate(authority, 'acme.example', 'sip.acme.example');
    const renewed = change(
      ['identities/main.crt', next.certificatePem],
      ['identities/main.key', next.privateKeyPem],
    );
    const keys = (now: State) =>
      now.identities[0]?.keys.map(({ id, state: at }) => `${id} ${at}`) ?? [];
    const rolled = after(state, renewed, { ...TOOLS, nowMs: NOW_MS + 5 });
    assert.deepEqual(keys(rolled), ['k1 retired', 'k2 active']);
    assert.equal(rolled.identities[0]?.keys[0]?.retiredAtMs, NOW_MS + 5);
    assert.deepEqual(differences(rolled, texts), []);
  });

  it('stores revocation lists as text', () => {
    const list = '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n';
    const yaml = `${PARTNER_YAML}revocation: { mode: hard-fail, lists: [globex.crl] }\n`;
    const done = after(EMPTY_STATE, change([FILE, yaml], ['partners/globex.crl', list]));
    assert.deepEqual(globex(done).settings.revocation.lists, [list]);
  });
});
