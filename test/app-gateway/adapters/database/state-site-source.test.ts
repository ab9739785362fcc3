import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { StateSiteSource } from '@sallyport/app-gateway/adapters/database/state-site-source.ts';
import type { Site } from '@sallyport/app-gateway/config/site.ts';
import type { SiteProblem } from '@sallyport/app-gateway/config/site-problem.ts';
import type { ChangeEvent } from '@sallyport/app-gateway/domain/exchange/change-event.ts';
import type { IdentityKey } from '@sallyport/app-gateway/domain/exchange/identity/identity-record.ts';
import type { PartnerRecord } from '@sallyport/app-gateway/domain/exchange/partner/partner-record.ts';
import type {
  EventQuery,
  State,
  StateChange,
  StateStore,
} from '@sallyport/app-gateway/ports/state-store.ts';
import { createAuthority } from '@sallyport/certs/authority.ts';
import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import {
  domainCertificate,
  NOW_MS,
  PARTNER_YAML,
  SITE_YAML,
  siteTexts,
  type Texts,
  YEAR,
} from '../../site-fixture.ts';
import { EMPTY_STATE, FAKE_SEAL } from '../files/import-stage.ts';

const OLD_MS = NOW_MS - 1_000_000;

/** Just enough of a store: one value, and commits that replace records. */
class MemoryStore implements Pick<StateStore, 'load' | 'commit' | 'events'> {
  state: State = EMPTY_STATE;
  history: readonly ChangeEvent[] = [];
  commits = 0;
  isDown = false;

  async load() {
    return this.isDown
      ? err({ code: 'unavailable', reason: 'connect ECONNREFUSED' } as const)
      : ok(this.state);
  }

  async events({ beforeSequence = Number.POSITIVE_INFINITY }: EventQuery) {
    return ok(this.history.filter(({ sequence }) => sequence < beforeSequence).slice(-1));
  }

  async commit(expected: number, change: StateChange, nowMs: number) {
    if (expected !== this.state.revision) return err({ code: 'conflict' } as const);
    this.commits += 1;
    this.state = {
      ...this.state,
      revision: nowMs,
      partners: change.partners ?? [],
      identities: change.identities ?? [],
    };
    return ok(nowMs);
  }
}

describe('site of files and database', () => {
  let texts: Texts;
  let folder: string;
  let store: MemoryStore;
  const folders: string[] = [];
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text, { mode: 0o600 });
    await utimes(join(folder, file), OLD_MS / 1000, OLD_MS / 1000);
  };
  const sourceAt = (nowMs = NOW_MS) =>
    new StateSiteSource({
      folder,
      store: store as unknown as StateStore,
      keys: FAKE_SEAL,
      node: 'gateway-1',
      nowMs: () => nowMs,
    });
  const load = (nowMs = NOW_MS): Promise<Result<Site, readonly SiteProblem[]>> =>
    sourceAt(nowMs).load();
  const site = async (nowMs = NOW_MS): Promise<Site> => {
    const loaded = await load(nowMs);
    assert.ok(loaded.ok, JSON.stringify(loaded));
    return loaded.value;
  };
  const globex = (): PartnerRecord => store.state.partners[0] as PartnerRecord;
  const set = (partner: Partial<PartnerRecord>) => {
    store.state = { ...store.state, partners: [{ ...globex(), ...partner }] };
  };
  const setKeys = (keys: readonly IdentityKey[]) => {
    const identities = store.state.identities.map((one) => ({ ...one, keys }));
    store.state = { ...store.state, identities };
  };
  const key = (): IdentityKey => store.state.identities[0]?.keys[0] as IdentityKey;

  /** What the inner servers see, apart from our public identity and good for longer. */
  let community: Texts;
  before(async () => {
    texts = await siteTexts();
    const long = { ...YEAR, notAfterMs: YEAR.notAfterMs + 365 * 86_400_000 };
    const authority = await createAuthority({ commonName: 'inner CA', ...long });
    const own = await issueDomainCertificate(authority, { domains: ['acme.example'], ...long });
    community = new Map([
      ['communities/ca.crt', authority.certificatePem],
      ['communities/gateway.crt', own.certificatePem],
      ['communities/gateway.key', own.privateKeyPem],
    ]);
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'state-site-'));
    folders.push(folder);
    store = new MemoryStore();
    const ours = '    identity: { chain: identities/main.crt, key: identities/main.key }';
    await write(
      'site.yaml',
      SITE_YAML.replace(ours, ours.replaceAll('identities/main', 'communities/gateway')),
    );
    for (const [file, text] of [...texts, ...community]) await write(file, text);
    await write('partners/globex.yaml', PARTNER_YAML);
    await utimes(join(folder, 'partners'), OLD_MS / 1000, OLD_MS / 1000);
  });
  after(async () => {
    for (const made of folders) await rm(made, { recursive: true });
  });

  it('takes the folder in when the database is empty, and only then', async () => {
    const first = await site();
    assert.deepEqual(
      first.partners.map(({ id }) => id),
      ['globex'],
    );
    assert.deepEqual(first.partners[0]?.trustSets, [
      { id: 't1', anchors: [texts.get('partners/globex.crt')], intermediates: [], pins: [] },
    ]);
    assert.equal(first.identities[0]?.chainPem, texts.get('identities/main.crt'));
    assert.equal(first.identities[0]?.keyPem, texts.get('identities/main.key'));
    assert.deepEqual(first.warnings, []);
    await write('partners/globex.yaml', PARTNER_YAML.replace('MESSAGE', 'INFO'));
    await write('partners/initech.yaml', 'broken: [');
    await write('identities/main.key', 'not a key');
    await utimes(join(folder, 'partners'), OLD_MS / 1000, OLD_MS / 1000);
    assert.equal(store.commits, 1);
    const second = await site();
    assert.deepEqual(second.partners[0]?.methods, ['MESSAGE', 'OPTIONS']);
    assert.equal(store.commits, 1);
  });

  it('takes in nothing where the gateway has written into a database before', async () => {
    await write('run/audit/epoch', '');
    const refused = await load();
    assert.ok(!refused.ok);
    assert.match(refused.error[0]?.message ?? '', /^is empty, and this gateway has had one/);
    assert.equal(store.commits, 0);
    await rm(join(folder, 'run/audit'), { recursive: true });
    await site();
    await write('run/audit/epoch', '');
    await site();
    assert.equal(store.commits, 1);
  });

  it('warns of a certificate in the folder that nobody is shown', async () => {
    await site();
    const fresh = await siteTexts();
    await write('identities/main.crt', fresh.get('identities/main.crt') ?? '');
    await write('identities/main.key', fresh.get('identities/main.key') ?? '');
    const { warnings, identities } = await site();
    assert.equal(identities[0]?.chainPem, texts.get('identities/main.crt'));
    assert.deepEqual(
      warnings.map(({ severity, file, path }) => [severity, file, path]),
      [['warning', 'identities/main.crt', 'identity/main']],
    );
    assert.match(warnings[0]?.message ?? '', /^is shown to nobody: .*"sallyport cert"/);
  });

  it('is not begun with a folder that has problems', async () => {
    await write('partners/initech.yaml', 'broken: [');
    const loaded = await load();
    assert.equal(!loaded.ok && loaded.error[0]?.file, 'partners/initech.yaml');
    assert.equal(store.commits, 0);
  });

  it('has the version of the newest change of either', async () => {
    store.state = { ...EMPTY_STATE };
    await site();
    for (const [revision, version] of [
      [OLD_MS - 1, OLD_MS],
      [OLD_MS + 1, OLD_MS + 1],
      [NOW_MS + 900_000, NOW_MS + 900_000],
    ] as const) {
      store.state = { ...store.state, revision };
      await utimes(join(folder, 'partners'), OLD_MS / 1000, OLD_MS / 1000);
      assert.equal((await site()).version, version);
    }
  });

  it('is refused where the database has lost a change that was in force', async () => {
    const source = new StateSiteSource({
      folder,
      store: store as unknown as StateStore,
      keys: FAKE_SEAL,
      node: 'gateway-1',
      nowMs: () => NOW_MS,
    });
    const event = (sequence: number, atMs: number): ChangeEvent => ({
      sequence,
      atMs,
      author: { kind: 'program', node: 'gateway-1' },
      kind: 'partner-severed',
      subject: 'partner/globex',
      detail: {},
    });
    store.history = [event(7, NOW_MS)];
    assert.ok((await source.load()).ok);
    store.history = [event(6, NOW_MS - 1000)];
    const refused = await source.load();
    assert.ok(!refused.ok);
    assert.match(
      refused.error[0]?.message ?? '',
      /^was set back: it has lost change 7 \(partner-severed, partner\/globex, 20.*restart this gateway$/,
    );
    store.history = [event(7, NOW_MS), event(8, NOW_MS + 1)];
    assert.ok((await source.load()).ok);
  });

  it('says that the database does not answer', async () => {
    store.isDown = true;
    const loaded = await load();
    assert.match(!loaded.ok ? (loaded.error[0]?.message ?? '') : '', /ECONNREFUSED/);
  });

  it('knows whom the file cuts off while the database does not answer, and whom both do when it does', async () => {
    await site();
    const severed = { atMs: 1, operator: 'ann', reason: 'stolen' };
    const lost = {
      node: 'edge-7',
      role: 'proxy',
      hosts: [],
      state: 'revoked',
      certificates: [],
    } as const;
    store.state = {
      ...store.state,
      partners: [{ ...globex(), severed }],
      nodes: [lost],
    };
    await write('site.yaml', `${SITE_YAML}revokedNodes: [edge-9]\nseveredPartners: [initech]\n`);
    store.isDown = true;
    const alone = { revision: OLD_MS, severed: ['initech'], revoked: ['edge-9'] };
    assert.deepEqual(await sourceAt().cutOffs(), alone);
    store.isDown = false;
    assert.deepEqual(await sourceAt().cutOffs(), {
      revision: store.state.revision,
      severed: ['initech', 'globex'],
      revoked: ['edge-9', 'edge-7'],
    });
  });

  it('cuts off whom the file names, whatever the database says', async () => {
    await site();
    const yaml = await readFile(join(folder, 'site.yaml'), 'utf8');
    await write('site.yaml', `${yaml}severedPartners: [globex]\n`);
    const cut = await site();
    assert.deepEqual([cut.partners, cut.severed], [[], ['globex']]);
  });

  it('lists a severed partner apart and lets nobody in without a set in force', async () => {
    await site();
    set({ severed: { atMs: 1, operator: 'ann', reason: 'stolen' } });
    const cut = await site();
    assert.deepEqual([cut.partners, cut.severed], [[], ['globex']]);
    const { severed: _, ...restored } = globex();
    const sets = restored.trustSets.map((one) => ({ ...one, state: 'verified' as const }));
    store.state = { ...store.state, partners: [{ ...restored, trustSets: sets }] };
    assert.deepEqual((await site()).partners, []);
  });

  it('gives the sets in force, oldest first', async () => {
    await site();
    const [first] = globex().trustSets;
    assert.ok(first);
    const states = ['retired', 'active', 'received', 'staged', 'seen'] as const;
    set({ trustSets: states.map((state, at) => ({ ...first, id: `t${at + 1}`, state })) });
    const [partner] = (await site()).partners;
    assert.deepEqual(
      partner?.trustSets.map(({ id }) => id),
      ['t2', 't4', 't5'],
    );
  });

  it('shows a partner a next key ahead of the others, where that was agreed', async () => {
    await site();
    const authority = await createAuthority({ commonName: 'CA', ...YEAR });
    const next = await domainCertificate(authority, 'acme.example', 'sip.acme.example');
    const ready: IdentityKey = {
      ...key(),
      id: 'k2',
      state: 'ready',
      spki: 'next',
      chainPem: next.certificatePem,
      sealedKey: FAKE_SEAL.seal(next.privateKeyPem, 'main/k2'),
    };
    setKeys([key(), ready]);
    assert.deepEqual(
      (await site()).identities.map(({ name }) => name),
      ['main'],
    );
    const presentation = { identity: 'main', key: 'k2', sequence: 1, offeredAtMs: 1 };
    set({ presentations: [{ ...presentation, state: 'active' }] });
    const ahead = await site();
    assert.equal(ahead.partners[0]?.ownIdentity, 'main-k2');
    assert.deepEqual(
      ahead.identities.map(({ name, serverNames }) => [name, serverNames]),
      [
        ['main', ['acme.example']],
        ['main-k2', []],
      ],
    );
    assert.equal(ahead.identities[1]?.chainPem, next.certificatePem);
    set({ presentations: [{ ...presentation, state: 'seen' }] });
    assert.equal((await site()).partners[0]?.ownIdentity, 'main');
  });

  it('goes on with an own certificate that is out of date, and warns', async () => {
    await site();
    const late = await site(YEAR.notAfterMs + 1);
    assert.deepEqual(
      late.identities.map(({ name }) => name),
      ['main'],
    );
    assert.ok(
      late.warnings.some(({ file, message }) => file === 'database' && /expired/.test(message)),
    );
  });

  it('refuses to run without any key that can be used, and says which cannot', async () => {
    await site();
    setKeys([{ ...key(), sealedKey: FAKE_SEAL.seal('x', 'other/k1') }]);
    const loaded = await load();
    assert.equal(loaded.ok, false);
    const said = JSON.stringify(!loaded.ok && loaded.error);
    assert.match(said, /key k1 cannot be opened/);
    assert.match(said, /no identity has a key in use/);
  });

  it('does not let a partner in that would be shown a wrong identity', async () => {
    await site();
    set({ settings: { ...globex().settings, ownIdentity: 'second' } });
    const loaded = await site();
    assert.deepEqual(loaded.partners, []);
    assert.ok(loaded.warnings.some(({ path }) => path === 'partner/globex'));
  });

  it('still refuses a partner that speaks for our own domain', async () => {
    await site();
    set({ settings: { ...globex().settings, domains: ['acme.example'] } });
    const loaded = await load();
    const [problem] = loaded.ok ? [] : loaded.error;
    assert.deepEqual([problem?.severity, problem?.file], ['error', 'database']);
    assert.match(problem?.message ?? '', /our own/);
  });
});
