import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { EXIT_MISCONFIGURED, Supervisor } from '@sallyport/dmz-proxy/launcher/supervisor.ts';
import { jsonLog } from '@sallyport/shared/io/json-log.ts';

class FakeChild extends EventEmitter {
  readonly signals: string[] = [];
  readonly heartbeat = new EventEmitter();
  readonly stdio = [null, null, null, this.heartbeat];
  kill(signal: string): boolean {
    return this.signals.push(signal) > 0;
  }
}

function supervised(workers: number, starting: () => void = () => undefined) {
  const children: FakeChild[] = [];
  const due: { delayMs: number; run: () => void }[] = [];
  const ended: number[] = [];
  const looks: (() => void)[] = [];
  const events: string[] = [];
  const codes: unknown[] = [];
  let nowMs = 0;
  const supervisor = new Supervisor({
    workers,
    start: () => {
      starting();
      const child = new FakeChild();
      children.push(child);
      return child as unknown as ChildProcess;
    },
    clock: {
      monotonicMs: () => nowMs,
      wallMs: () => nowMs,
      after: (delayMs, run) => {
        const timer = { delayMs, run };
        due.push(timer);
        return { stop: () => due.splice(due.indexOf(timer), 1) };
      },
      every: (_intervalMs, run) => {
        looks.push(run);
        return { stop: () => undefined };
      },
    },
    log: jsonLog(
      (line) => {
        const { event, code } = JSON.parse(line) as { event: string; code?: string };
        events.push(event);
        codes.push(code);
      },
      {},
      () => 0,
    ),
    ended: (status) => ended.push(status),
  });
  const exit = (child: number, status: number | null, signal: string | null = null) =>
    children[child]?.emit('exit', status, signal);
  const look = (times: number) => {
    for (let time = 0; time < times; time++) for (const run of looks) run();
  };
  const beat = (child: number) => children[child]?.heartbeat.emit('data', Buffer.from('.'));
  const at = (ms: number) => (nowMs = ms);
  return { supervisor, children, due, ended, exit, at, look, beat, events, codes };
}

describe('the supervisor of workers', () => {
  it('starts one that died again, later each time, and soon again after a steady life', () => {
    const { children, due, exit, at } = supervised(1);
    const delays: number[] = [];
    for (let life = 0; life < 9; life++) {
      exit(life, 1);
      const timer = due.shift();
      delays.push(timer?.delayMs ?? 0);
      timer?.run();
    }
    assert.deepEqual(delays, [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]);
    at(61_000);
    exit(9, null, 'SIGKILL');
    assert.equal(due[0]?.delayMs, 100);
    assert.equal(children.length, 10);
  });

  it('outlives a start that fails at once, such as while the program is being replaced, and tries again', () => {
    let fault: string | undefined;
    const { supervisor, children, due, exit, ended, codes } = supervised(2, () => {
      if (fault !== undefined) throw Object.assign(new Error('spawn'), { code: fault });
    });
    fault = 'ETXTBSY';
    exit(0, 1);
    due.shift()?.run();
    assert.deepEqual([children.length, children[1]?.signals], [2, []]);
    due.shift()?.run();
    fault = undefined;
    assert.deepEqual(
      due.map(({ delayMs }) => delayMs),
      [800],
    );
    due.shift()?.run();
    assert.equal(children.length, 3);
    children[2]?.emit('error', Object.assign(new Error('spawn'), { code: 'EMFILE' }));
    assert.deepEqual(codes, [undefined, 'ETXTBSY', 'ETXTBSY', 'EMFILE']);
    supervisor.stop();
    exit(1, 0);
    assert.deepEqual(ended, [0]);
  });

  it('stops all, starts none again, and ends when the last has', () => {
    const { supervisor, children, due, ended, exit } = supervised(2);
    supervisor.stop();
    assert.deepEqual(
      children.map(({ signals }) => signals),
      [['SIGTERM'], ['SIGTERM']],
    );
    exit(0, 0);
    assert.deepEqual(ended, []);
    exit(1, null, 'SIGTERM');
    assert.deepEqual(ended, [0]);
    assert.deepEqual(due, []);
  });

  it('stopped while a restart is due ends without it', () => {
    const { supervisor, due, ended, exit } = supervised(1);
    exit(0, 1);
    supervisor.stop();
    assert.deepEqual([due, ended], [[], [0]]);
  });

  it('ends the whole program for a worker that is misconfigured', () => {
    const { children, ended, exit } = supervised(2);
    exit(0, EXIT_MISCONFIGURED);
    assert.deepEqual(children[1]?.signals, ['SIGTERM']);
    exit(1, 0);
    assert.deepEqual(ended, [EXIT_MISCONFIGURED]);
  });

  it('says so when a worker did not end well, and passes signals on', () => {
    const { supervisor, children, ended, exit } = supervised(1);
    supervisor.signal('SIGHUP');
    assert.deepEqual(children[0]?.signals, ['SIGHUP']);
    supervisor.stop();
    exit(0, 1);
    assert.deepEqual(ended, [1]);
  });

  it('kills one that gives no more signs of life, and starts it again', () => {
    const { children, due, exit, look, beat, events } = supervised(2);
    for (const child of [0, 1]) beat(child);
    look(4);
    beat(1);
    assert.deepEqual(children[0]?.signals, []);
    look(1);
    assert.deepEqual([children[0]?.signals, children[1]?.signals], [['SIGKILL'], []]);
    assert.deepEqual(events, ['worker-silent']);
    exit(0, null, 'SIGKILL');
    due.shift()?.run();
    assert.equal(children.length, 3);
  });

  it('waits for a first sign as long as it takes, also after a new start', () => {
    const { children, due, exit, look, beat } = supervised(1);
    look(100);
    beat(0);
    exit(0, 1);
    due.shift()?.run();
    look(100);
    assert.deepEqual(
      children.map(({ signals }) => signals),
      [[], []],
    );
  });

  it('does not take a sign of the one before for a sign of this one', () => {
    const { children, due, exit, look, beat } = supervised(1);
    exit(0, 1);
    due.shift()?.run();
    beat(0);
    look(100);
    assert.deepEqual(children[1]?.signals, []);
  });
});
