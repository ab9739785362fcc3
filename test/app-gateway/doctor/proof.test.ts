import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type GivenResult,
  makeProof,
  type ProofInput,
} from '@sallyport/app-gateway/doctor/proof.ts';
import type { ReadResult } from '@sallyport/app-gateway/doctor/signed-result.ts';
import type { ZoneResult } from '@sallyport/app-gateway/doctor/zone-result.ts';
import { planned, syslogByUdp } from '../plan/site-on-a-network.ts';
import { lookedFrom, MADE_AT_MS, type Otherwise, PLACES } from './looked-from.ts';

const HOUR_MS = 3_600_000;
const known = { plan: planned(), sha256: 'a'.repeat(64) };
const NODES: Readonly<Record<string, string>> = {
  'edge-a': 'edge-1',
  'edge-b': 'edge-2',
  'app-a': 'gateway-1',
  'app-b': 'gateway-2',
};
const keys = {
  nodes: new Map(Object.values(NODES).map((node) => [node, `key of ${node}`])),
  operators: new Set(['key of anna']),
};

function signed(result: ZoneResult): ReadResult {
  const node = NODES[result.host ?? ''];
  return {
    result,
    signedBy:
      node === undefined
        ? { kind: 'operator', name: 'anna', publicKey: 'key of anna' }
        : { kind: 'node', name: node, publicKey: `key of ${node}` },
  };
}

/** All places of the site, looked from once. */
function everywhere(otherwise: Otherwise = () => undefined): GivenResult[] {
  return PLACES.map((place) => {
    const result = lookedFrom(known, place, otherwise);
    return { file: `${result.host ?? result.zone}.json`, read: signed(result) };
  });
}

function proof(given: readonly GivenResult[], change: Partial<ProofInput> = {}) {
  return makeProof({
    known,
    given,
    keys,
    nowMs: MADE_AT_MS + HOUR_MS,
    ageMaxMs: 24 * HOUR_MS,
    ...change,
  });
}

/** Everything as it should be, but one result changed. */
function withChanged(at: number, change: (read: ReadResult) => ReadResult): GivenResult[] {
  const given = everywhere();
  const { file, read } = given[at] as GivenResult;
  return given.with(at, { file, read: read && change(read) });
}

describe('one proof out of many results', () => {
  it('is proven when everybody looked and everything is as planned', () => {
    const made = proof(everywhere());
    assert.deepEqual(made.reasons, []);
    assert.equal(made.isProven, true);
    assert.equal(made.counted.length, PLACES.length);
    const cell = made.cells.find(({ from, to }) => from === 'outer-dmz' && to === 'intranet');
    assert.ok(cell !== undefined && cell.forbiddenBlocked > 0);
    assert.equal(cell.allowedOpen + cell.differences, 0);
  });

  it('counts each pair once in its zones', () => {
    const made = proof(everywhere());
    const inCells = made.cells.reduce(
      (sum, cell) =>
        sum + cell.allowedOpen + cell.forbiddenBlocked + cell.differences + cell.notTried,
      0,
    );
    const inResults = made.counted.reduce((sum, { judged }) => sum + judged.pairs.length, 0);
    assert.equal(inCells, inResults);
  });

  const edge = (change: Partial<ZoneResult>) =>
    withChanged(1, ({ result }) => signed({ ...result, ...change }));
  const rows: readonly (readonly [string, readonly GivenResult[], RegExp])[] = [
    [
      'a hole',
      everywhere((one) =>
        one.host === 'app-a' && one.port === 5071 && one.source === '192.0.2.11'
          ? 'open'
          : undefined,
      ),
      /1 difference from the plan/,
    ],
    [
      'a host that nobody looked from',
      everywhere().toSpliced(1, 1),
      /nobody looked from the host edge-a/,
    ],
    [
      'a zone that nobody looked from',
      everywhere().toSpliced(0, 1),
      /nobody looked from the zone internet/,
    ],
    ['another plan', edge({ planSha256: 'b'.repeat(64) }), /made against another plan/],
    ['an old result', edge({ madeAtMs: MADE_AT_MS - 24 * HOUR_MS }), /it is too old/],
    ['one from the future', edge({ madeAtMs: MADE_AT_MS + 2 * HOUR_MS }), /it is from the future/],
    ['a host of another zone', edge({ zone: 'internet' }), /no such host in that zone/],
    ['nobody’s signature', withChanged(1, ({ result }) => ({ result })), /nobody signed it/],
    [
      'an unknown operator',
      withChanged(0, ({ result }) => ({
        result,
        signedBy: { kind: 'operator', name: 'anna', publicKey: 'another' },
      })),
      /operator’s key is not among --keys/,
    ],
    [
      'an unknown node',
      withChanged(1, ({ result }) => ({
        result,
        signedBy: { kind: 'node', name: 'edge-1', publicKey: 'another' },
      })),
      /node’s key is not among --keys/,
    ],
    [
      'a node that speaks for another host',
      withChanged(1, ({ result }) => ({
        result,
        signedBy: { kind: 'node', name: 'edge-2', publicKey: 'key of edge-2' },
      })),
      /edge-2 is no node of the host it is of/,
    ],
    [
      'a node that speaks for a zone',
      withChanged(0, ({ result }) => ({
        result,
        signedBy: { kind: 'node', name: 'edge-1', publicKey: 'key of edge-1' },
      })),
      /no node of the host/,
    ],
    [
      'a file that cannot be read',
      [...everywhere(), { file: 'x.json', read: undefined, fault: 'its signature is wrong' }],
      /x\.json does not count: its signature is wrong/,
    ],
    ['pairs that were left out', edge({ tries: [] }), /^\d+ pairs? not tried$/m],
    [
      'a port that is in no plan',
      withChanged(1, (read) => signed(listeningMore(read.result))),
      /1 difference /,
    ],
  ];
  for (const [what, given, why] of rows) {
    it(`is not proven with ${what}`, () => {
      const made = proof(given);
      assert.equal(made.isProven, false);
      assert.match(made.reasons.join('\n'), why);
    });
  }

  it('the age has two sides', () => {
    const at = (ageMs: number) => proof(everywhere(), { nowMs: MADE_AT_MS + ageMs }).isProven;
    assert.equal(at(24 * HOUR_MS), true);
    assert.equal(at(24 * HOUR_MS + 1), false);
  });

  it('what is closed to everybody must have been seen alive by somebody', () => {
    // The database is down: gateways get no answer, and that others get none shows nothing about firewalls.
    const dead = proof(everywhere((one) => (one.port === 5432 ? 'silent' : undefined)));
    assert.deepEqual([...new Set(dead.lifeless.map(({ port }) => port))], [5432]);
    // The health port, which nobody of these may reach, and which listens nowhere.
    const quiet = proof(
      withChanged(1, ({ result }) =>
        signed({ ...result, listening: { places: [], ephemeral: { first: 1, last: 2 } } }),
      ),
    );
    assert.ok(
      quiet.reasons.some((reason) => /nobody saw edge-a tcp 192\.0\.2\.11:8081 alive/.test(reason)),
    );
  });

  it('names what no try can show: UDP that no question is known for, and that silence has two causes', () => {
    const plan = planned(syslogByUdp);
    const given = PLACES.map((place) => {
      const result = lookedFrom({ plan, sha256: known.sha256 }, place);
      return { file: 'one.json', read: signed(result) };
    });
    const made = proof(given, { known: { ...known, plan } });
    assert.deepEqual(made.reasons, []);
    const limits = made.limits.join('\n');
    assert.match(limits, /siem udp 10\.3\.0\.80:514 is not provable/);
    assert.match(limits, /UDP server that ignores a caller looks like a firewall/);
    assert.ok(made.cells.some(({ to, notTried }) => to === 'intranet' && notTried > 0));
  });

  it('of two results from one place the newer counts', () => {
    const hole = lookedFrom(known, PLACES[1], () => 'open');
    const older = { file: 'older.json', read: signed({ ...hole, madeAtMs: MADE_AT_MS - HOUR_MS }) };
    assert.equal(proof([older, ...everywhere()]).isProven, true);
    const newer = { file: 'newer.json', read: signed({ ...hole, madeAtMs: MADE_AT_MS + 1 }) };
    assert.equal(proof([newer, ...everywhere()]).isProven, false);
  });
});

function listeningMore(result: ZoneResult): ZoneResult {
  const { listening } = result;
  if (listening === undefined) return result;
  const place = { protocol: 'tcp', address: '192.0.2.11', port: 9999 } as const;
  return { ...result, listening: { ...listening, places: [...listening.places, place] } };
}
