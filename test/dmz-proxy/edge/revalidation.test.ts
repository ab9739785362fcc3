import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { EdgeConfig } from '@sallyport/dmz-proxy/bundle/edge-config.ts';
import { Revalidation } from '@sallyport/dmz-proxy/edge/revalidation.ts';
import type { Flow } from '@sallyport/dmz-proxy/flows/flow.ts';
import { Counters } from '@sallyport/dmz-proxy/health/counters.ts';
import type { Identity } from '@sallyport/dmz-proxy/identity/identity.ts';
import { NO_PARTNERS, partnerTable } from '@sallyport/dmz-proxy/identity/partner.ts';
import type { RevocationVerdict } from '@sallyport/dmz-proxy/identity/revocation-seam.ts';
import type { PartnerSnapshot } from '@sallyport/shared/channel/snapshot.ts';
import { PathCache } from '@sallyport/shared/x509/path-cache.ts';
import { globexIdentity } from '../edge-fixture.ts';

const GLOBEX = globexIdentity().partner.settings;

/** A configuration with partners like this, all of them in force or some severed. */
function configOf(partners: readonly PartnerSnapshot[], severed: readonly string[] = []) {
  const table = partnerTable(partners, NO_PARTNERS, 0, severed);
  assert.ok(table.ok);
  return { partners: table.value } as unknown as EdgeConfig;
}

describe('live connections', () => {
  let told: string[];
  let judged: number[];
  let stayed: number[];
  let wallMs: number;
  let verdict: RevocationVerdict;
  let flows: Map<number, Flow>;
  let counters: Counters;
  beforeEach(() => {
    told = [];
    judged = [];
    stayed = [];
    wallMs = Date.now();
    verdict = 'good';
    flows = new Map();
    counters = new Counters();
  });

  function open(id: number, identity: Identity = globexIdentity()): Flow {
    const flow = {
      facts: { id, direction: 'inbound', remoteAddress: '192.0.2.1' },
      identity,
      isEnding: false,
      end(reason: string, untilMs: number) {
        this.isEnding = true;
        told.push(`${id} ends ${reason} by ${untilMs}`);
      },
      close: (reason: string) => told.push(`${id} closed ${reason}`),
    };
    flows.set(id, flow as unknown as Flow);
    return flow as unknown as Flow;
  }

  function revalidation(intervalMs?: number): Revalidation {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    return new Revalidation({
      flows: {
        values: () => flows.values(),
        changed: (flow) => told.push(`${flow.facts.id} changed ${flow.identity.trustSet}`),
      },
      cache: new PathCache(10),
      counters,
      log,
      wallMs: () => wallMs,
      nowMs: () => 1000,
      revocationOf: () => {
        judged.push(judged.length);
        return verdict;
      },
      stays: ({ facts }) => stayed.push(facts.id),
      ...(intervalMs === undefined ? {} : { intervalMs }),
    });
  }

  const [set] = GLOBEX.trustSets;
  assert.ok(set);
  const strange = { ...set, anchors: [], pins: [`${'A'.repeat(43)}=`] };
  const networks = { sourceNetworks: ['10.0.0.0/8'] };
  //   the configuration                                                   what becomes of the flow
  const rows: readonly (readonly [string, EdgeConfig, readonly string[]])[] = [
    ['the same', configOf([GLOBEX]), []],
    ['partner removed', configOf([]), ['1 closed partner-removed']],
    ['partner severed', configOf([], ['globex']), ['1 closed partner-severed']],
    ['partner listed and severed', configOf([GLOBEX], ['globex']), ['1 closed partner-severed']],
    [
      'its keys retired',
      configOf([{ ...GLOBEX, trustSets: [strange] }]),
      ['1 ends path-pin-mismatch by 11000', '1 changed t1'],
    ],
    [
      'keys of another set, which are its own',
      configOf([{ ...GLOBEX, trustSets: [{ ...set, id: 't9' }] }]),
      ['1 changed t9'],
    ],
    [
      'other networks',
      configOf([{ ...GLOBEX, ...networks }]),
      ['1 ends identity-source-network by 11000', '1 changed t1'],
    ],
    [
      'other domains',
      configOf([{ ...GLOBEX, domains: ['else.example'] }]),
      ['1 ends identity-domain-not-covered by 11000', '1 changed t1'],
    ],
  ];
  for (const [what, config, expected] of rows) {
    it(`under a new configuration (${what}): ${expected.join() || 'stay'}`, () => {
      open(1);
      revalidation().all(config);
      assert.deepEqual(told, expected);
      const isLost = expected.some((text) => / (closed|ends) /.test(text));
      assert.deepEqual(stayed, isLost ? [] : [1]);
    });
  }

  const PLAIN = { ...GLOBEX, plainTcp: true, sourceNetworks: ['192.0.2.0/24'] };
  const plainRows: readonly (readonly [string, EdgeConfig, readonly string[]])[] = [
    ['the same', configOf([PLAIN]), []],
    ['TLS alone', configOf([GLOBEX]), ['1 ends identity-unknown by 11000', '1 changed undefined']],
    [
      'other networks',
      configOf([{ ...PLAIN, sourceNetworks: ['192.0.3.0/24'] }]),
      ['1 ends identity-unknown by 11000', '1 changed undefined'],
    ],
    [
      'its network another partner’s',
      configOf([
        { ...PLAIN, sourceNetworks: ['192.0.3.0/24'] },
        { ...PLAIN, id: 'initech', domains: ['initech.example'] },
      ]),
      ['1 ends identity-source-network by 11000', '1 changed undefined'],
    ],
    [
      'further domains',
      configOf([{ ...PLAIN, domains: ['globex.example', 'g.example'] }]),
      ['1 changed undefined'],
    ],
    ['no such partner', configOf([]), ['1 closed partner-removed']],
  ];
  for (const [what, config, expected] of plainRows) {
    it(`without TLS, under a new configuration (${what}): ${expected.join() || 'stay'}`, () => {
      const before = configOf([PLAIN]).partners.byId.get('globex');
      assert.ok(before !== undefined);
      open(1, { partner: before, domains: before.domains, hosts: new Set() });
      revalidation().all(config);
      assert.deepEqual(told, expected);
    });
  }

  it('take turns to be judged once within the interval', () => {
    const config = configOf([
      { ...GLOBEX, revocation: { mode: 'soft-fail', fetch: false, lists: [] } },
    ]);
    for (let id = 1; id <= 120; id++) open(id);
    const judge = revalidation();
    for (let second = 0; second < 60; second++) {
      judge.sweep(config);
      assert.equal(judged.length, 2 * (second + 1));
    }
    assert.deepEqual(told, []);
  });

  it('end when their certificate is revoked, at their next turn', () => {
    const config = configOf([
      { ...GLOBEX, revocation: { mode: 'soft-fail', fetch: false, lists: [] } },
    ]);
    open(1);
    const judge = revalidation(3000);
    verdict = 'revoked';
    for (let second = 0; second < 3; second++) judge.sweep(config);
    assert.deepEqual(told, ['1 ends revocation-revoked by 11000', '1 changed t1']);
    for (let second = 0; second < 3; second++) judge.sweep(config);
    assert.equal(told.length, 2);
    assert.equal(counters.read()['identity-ended:revocation-revoked'], 1);
  });

  it('end right behind the last second of their certificate, which counts whole', () => {
    const flow = open(5);
    const judge = revalidation();
    wallMs = (flow.identity.path?.notAfterMs ?? 0) + 999;
    judge.sweep(configOf([GLOBEX]));
    assert.deepEqual(told, []);
    wallMs++;
    judge.sweep(configOf([GLOBEX]));
    assert.deepEqual(told, ['5 ends path-expired by 11000', '5 changed t1']);
  });

  it('are left alone while there is no configuration', () => {
    open(1);
    revalidation().sweep(undefined);
    assert.deepEqual(told, []);
  });
});
