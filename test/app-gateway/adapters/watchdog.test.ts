import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Sign,
  tellReady,
  tellWatchdog,
  watchdogWish,
} from '@sallyport/app-gateway/adapters/watchdog.ts';
import { jsonLog } from '@sallyport/shared/io/json-log.ts';

const PID = 42;
const SOCKET = '/run/systemd/notify';

const WISHES: readonly (readonly [
  environment: Readonly<Record<string, string>>,
  withinMs: number | undefined,
])[] = [
  [{}, undefined],
  [{ NOTIFY_SOCKET: SOCKET }, undefined],
  [{ WATCHDOG_USEC: '60000000' }, undefined],
  [{ NOTIFY_SOCKET: '', WATCHDOG_USEC: '60000000' }, undefined],
  [{ NOTIFY_SOCKET: SOCKET, WATCHDOG_USEC: '60000000' }, 60_000],
  [{ NOTIFY_SOCKET: SOCKET, WATCHDOG_USEC: '60000000', WATCHDOG_PID: '42' }, 60_000],
  [{ NOTIFY_SOCKET: SOCKET, WATCHDOG_USEC: '60000000', WATCHDOG_PID: '43' }, undefined],
  [{ NOTIFY_SOCKET: SOCKET, WATCHDOG_USEC: '2000000' }, 2000],
  [{ NOTIFY_SOCKET: SOCKET, WATCHDOG_USEC: '1999999' }, undefined],
  [{ NOTIFY_SOCKET: SOCKET, WATCHDOG_USEC: 'soon' }, undefined],
];

interface Asked {
  readonly socket: string;
  readonly sign: Sign;
  readonly answer: (isTold: boolean) => void;
}

function told() {
  const asked: Asked[] = [];
  const events: string[] = [];
  let tick = () => undefined as unknown;
  let intervalMs = 0;
  let isStopped = false;
  const watchdog = tellWatchdog(
    { socket: SOCKET, withinMs: 60_000 },
    (socket, sign) => new Promise((answer) => asked.push({ socket, sign, answer })),
    {
      monotonicMs: () => 0,
      wallMs: () => 0,
      after: () => ({ stop: () => undefined }),
      every: (ms, run) => {
        intervalMs = ms;
        tick = run;
        return { stop: () => (isStopped = true) };
      },
    },
    jsonLog(
      (line) => events.push(String(JSON.parse(line).event)),
      {},
      () => 0,
    ),
  );
  const answer = async (isTold: boolean) => {
    asked.at(-1)?.answer(isTold);
    await Promise.resolve();
    await Promise.resolve();
  };
  return {
    watchdog,
    asked,
    events,
    tick: () => tick(),
    answer,
    isStopped: () => isStopped,
    intervalMs,
  };
}

describe('systemd’s watchdog', () => {
  for (const [environment, withinMs] of WISHES) {
    it(`${JSON.stringify(environment)} is ${withinMs === undefined ? 'no wish' : `${withinMs} ms`}`, () => {
      const expected = withinMs === undefined ? undefined : { socket: SOCKET, withinMs };
      assert.deepEqual(watchdogWish(environment, PID), expected);
    });
  }

  it('is told at once, and twice in the time it allows', () => {
    const { asked, intervalMs } = told();
    assert.deepEqual(
      asked.map(({ socket, sign }) => [socket, sign]),
      [[SOCKET, 'WATCHDOG=1']],
    );
    assert.equal(intervalMs, 30_000);
  });

  it('is not told again while the message before is under way', async () => {
    const { asked, tick, answer } = told();
    tick();
    assert.equal(asked.length, 1);
    await answer(true);
    tick();
    assert.equal(asked.length, 2);
  });

  it('that does not listen is reported once, until it has listened again', async () => {
    const { events, tick, answer } = told();
    for (const isTold of [true, false, false, true, false]) {
      await answer(isTold);
      tick();
    }
    assert.deepEqual(events, ['watchdog-not-told', 'watchdog-not-told']);
  });

  it('is left alone at the end', () => {
    const { watchdog, isStopped } = told();
    watchdog.stop();
    assert.equal(isStopped(), true);
  });
});

describe('systemd, which waits for a start', () => {
  const READY: readonly (readonly [
    environment: Readonly<Record<string, string>>,
    isTold: boolean,
    signs: readonly string[],
    events: readonly string[],
  ])[] = [
    [{}, true, [], []],
    [{ NOTIFY_SOCKET: '' }, true, [], []],
    [{ NOTIFY_SOCKET: SOCKET }, true, [`${SOCKET} READY=1`], []],
    [{ NOTIFY_SOCKET: SOCKET }, false, [`${SOCKET} READY=1`], ['readiness-not-told']],
  ];

  for (const [environment, isTold, signs, events] of READY) {
    it(`${JSON.stringify(environment)}, which ${isTold ? 'listens' : 'does not listen'}: ${signs.length} signs`, async () => {
      const [sent, said]: [string[], string[]] = [[], []];
      const log = jsonLog(
        (line) => said.push(String(JSON.parse(line).event)),
        {},
        () => 0,
      );
      const notify = async (socket: string, sign: Sign) => {
        sent.push(`${socket} ${sign}`);
        return isTold;
      };
      await tellReady(environment, notify, log);
      assert.deepEqual([sent, said], [signs, events]);
    });
  }
});
