import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FlowTable, type Usage } from '@sallyport/app-gateway/adapters/channel/flow-table.ts';
import { PartnerFlow } from '@sallyport/app-gateway/adapters/channel/partner-flow.ts';
import type { FlowOpened, PlainFlow, SecuredFlow } from '@sallyport/shared/channel/flow.ts';
import type { ChannelConnection } from '@sallyport/shared/io/channel-connection.ts';
import { SIP_ACME } from '../../domain/core/core-stage.ts';
import { FakeConnection, OPENED } from './fake-connection.ts';

const NEW_KEY = `${'N'.repeat(43)}=`;

const WANTED = {
  partner: 'globex',
  host: 'globex.example',
  always: false,
  avoid: [],
  isSecure: false,
  isPlainAgreed: false,
};

function tableOf(...changes: readonly Partial<FlowOpened>[]): FlowTable {
  const table = new FlowTable();
  changes.forEach((change, at) => {
    const connection = new FakeConnection() as unknown as ChannelConnection;
    const opened =
      change.transport === 'tcp'
        ? (change as PlainFlow)
        : ({ ...OPENED, direction: 'outbound' as const, ...change } as SecuredFlow);
    table.add(new PartnerFlow(connection, table, 'edge-1/0', at + 1, opened, () => SIP_ACME));
  });
  return table;
}

describe('a flow without TLS', () => {
  const {
    ownIdentity: _,
    ownKey: __,
    trustSet: ___,
    certificate: ____,
    tls: _____,
    ...rest
  } = OPENED;
  const plain: PlainFlow = {
    ...rest,
    transport: 'tcp',
    direction: 'outbound',
    sightings: [],
  };
  const pick = (flows: readonly Partial<FlowOpened>[], change: Partial<Usage>) =>
    tableOf(...flows).usable({ ...WANTED, ...change }, () => true)?.flow;
  const inbound = { ...plain, direction: 'inbound' } as const;

  // what                               flows               wanted                     taken
  const rows: readonly (readonly [
    string,
    readonly FlowOpened[],
    Partial<Usage>,
    string | undefined,
  ])[] = [
    ['that we opened', [plain], {}, 'edge-1/0/1'],
    ['that we opened, for sips:', [plain], { isSecure: true }, undefined],
    ['that the partner opened', [inbound], {}, undefined],
    ['that the partner opened, by agreement', [inbound], { isPlainAgreed: true }, 'edge-1/0/1'],
    ['that the partner opened, always', [inbound], { always: true }, 'edge-1/0/1'],
    ['by agreement, for sips:', [inbound], { isPlainAgreed: true, isSecure: true }, undefined],
    ['always, for sips:', [inbound], { always: true, isSecure: true }, undefined],
    ['before one with TLS', [plain, { ...OPENED, direction: 'outbound' }], {}, 'edge-1/0/2'],
  ];
  for (const [name, flows, wanted, expected] of rows) {
    it(`${name}: ${expected ?? 'is not taken'}`, () => {
      assert.equal(pick(flows, wanted), expected);
    });
  }

  it('takes no answer of one with TLS from the same address, nor the other way (RFC 3261 §18.2.2)', () => {
    for (const [gone, other] of [
      [OPENED, plain],
      [plain, OPENED],
    ]) {
      const [flow] = tableOf(gone ?? {}).byPartner.get('globex') ?? [];
      assert.ok(flow && other);
      assert.equal(tableOf(other).inPlaceOf(flow), undefined);
    }
  });
});

describe('after a change of our key', () => {
  const usable = (table: FlowTable, always: boolean) =>
    table.usable(
      { ...WANTED, always },
      ({ opened }) => opened.transport !== 'tcp' && opened.ownKey === NEW_KEY,
    )?.flow;

  // what                                      flows                          usable     always usable
  const rows = [
    ['a connection that showed the old key', [{}], undefined, 'edge-1/0/1'],
    ['one that showed each', [{}, { ownKey: NEW_KEY }], 'edge-1/0/2', 'edge-1/0/2'],
    ['one that is ending', [{ ownKey: NEW_KEY, isEnding: true }], undefined, undefined],
  ] as const;
  for (const [name, flows, expected, expectedAlways] of rows) {
    it(`${name}: ${expected ?? 'a new one'} is taken`, () => {
      assert.equal(usable(tableOf(...flows), false), expected);
      assert.equal(usable(tableOf(...flows), true), expectedAlways);
    });
  }

  it('a dialog stays on its connection until that is about to end', () => {
    const named = (change: Partial<typeof OPENED>) =>
      tableOf(change).named('edge-1/0/1', 'globex')?.flow;
    assert.equal(named({}), 'edge-1/0/1');
    assert.equal(named({ isEnding: true }), undefined);
  });
});

describe('one flow of use among 5,000 of a partner', () => {
  const others = (change: Partial<SecuredFlow>) => Array.from({ length: 5000 }, () => change);
  const fit = { remoteAddress: '192.0.2.77', ownKey: NEW_KEY };
  const isOfNow = ({ opened }: PartnerFlow) =>
    opened.transport !== 'tcp' && opened.ownKey === NEW_KEY;

  for (const [name, change] of [
    ['that are about to end', { ownKey: NEW_KEY, isEnding: true }],
    ['that the partner opened', { ownKey: NEW_KEY, direction: 'inbound' }],
    ['whose certificate covers another host', { ownKey: NEW_KEY, identities: ['im.example'] }],
    ['on which we showed another key', {}],
  ] as const) {
    it(`is found behind those ${name}`, () => {
      assert.equal(tableOf(...others(change), fit).usable(WANTED, isOfNow)?.flow, 'edge-1/0/5001');
    });
  }

  it('is found for the answer to one that is gone', () => {
    const gone = tableOf(fit).named('edge-1/0/1', 'globex');
    assert.ok(gone);
    assert.equal(tableOf(...others({}), fit).inPlaceOf(gone)?.flow, 'edge-1/0/5001');
    assert.equal(tableOf(...others({})).inPlaceOf(gone), undefined);
  });
});

describe('a flow that is announced again', () => {
  const taken = (table: FlowTable, change: Partial<Usage> = {}) =>
    table.usable({ ...WANTED, ...change }, () => true)?.flow;
  const flowOf = (table: FlowTable) => {
    const [flow] = table.byPartner.get('globex') ?? [];
    assert.ok(flow);
    return flow;
  };

  it('with another domain is taken for that one', () => {
    const table = tableOf({});
    const flow = flowOf(table);
    flow.announced({ ...flow.opened, identities: ['im.globex.example'] });
    assert.equal(taken(table), undefined);
    assert.equal(taken(table, { host: 'im.globex.example' }), 'edge-1/0/1');
  });

  it('as one that is about to end is not taken, and carries answers still', () => {
    const table = tableOf({});
    const flow = flowOf(table);
    flow.announced({ ...flow.opened, isEnding: true });
    assert.equal(taken(table), undefined);
    assert.equal(taken(table, { always: true }), undefined);
    assert.equal(table.inPlaceOf(flow), flow);
  });

  it('or whose partner allows it (RFC 5923 §8) is taken', () => {
    const table = tableOf({ direction: 'inbound' });
    assert.equal(taken(table), undefined);
    flowOf(table).allowReuse();
    assert.equal(taken(table), 'edge-1/0/1');
  });

  it('after its end is nowhere', () => {
    const table = tableOf({ direction: 'inbound' });
    const flow = flowOf(table);
    table.remove(flow);
    flow.allowReuse();
    flow.announced(flow.opened);
    assert.equal(taken(table, { always: true }), undefined);
    assert.equal(table.inPlaceOf(flow), undefined);
    assert.deepEqual([table.size, table.byPartner.size], [0, 0]);
  });
});

describe('the flows of a partner that somebody makes up', () => {
  const kinds = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ identities: [`${n}.example`] }));

  it('are looked at up to a limit, behind which a proxy looks for a connection', () => {
    assert.equal(tableOf(...kinds(1023), {}).usable(WANTED, () => true)?.flow, 'edge-1/0/1024');
    assert.equal(
      tableOf(...kinds(1024), {}).usable(WANTED, () => true),
      undefined,
    );
  });

  it('and so are those at an address that has failed', () => {
    const usage = { ...WANTED, avoid: ['192.0.2.1:5061'] };
    const at = (count: number) => Array.from({ length: count }, () => ({}));
    const other = { remoteAddress: '192.0.2.2' };
    assert.equal(tableOf(...at(1023), other).usable(usage, () => true)?.flow, 'edge-1/0/1024');
    assert.equal(
      tableOf(...at(1024), other).usable(usage, () => true),
      undefined,
    );
  });
});

describe('what a proxy’s host may hold of transactions', () => {
  it('is one for all its workers and connections, outlives them, and is nobody else’s', () => {
    const table = new FlowTable();
    const connection = new FakeConnection() as unknown as ChannelConnection;
    const shareOn = (worker: string, number: number) => {
      const flow = new PartnerFlow(connection, table, worker, number, OPENED, () => SIP_ACME);
      table.add(flow);
      table.remove(flow);
      return flow.share;
    };
    const share = shareOn('edge-1/0', 1);
    assert.equal(shareOn('edge-1/0', 2), share);
    assert.equal(shareOn('edge-1/1', 1), share);
    assert.notEqual(shareOn('edge-2/0', 1), share);
    assert.equal(table.shareOf('edge-1'), share);
  });
});
