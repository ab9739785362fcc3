import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { EXIT_MISCONFIGURED, Supervisor } from '@sallyport/dmz-proxy/supervisor.ts';
import { jsonLog } from '@sallyport/shared/io/json-log.ts';

class FakeChild extends EventEmitter {
  readonly signals: string[] = [];
  kill(signal: string): boolean {
    return this.signals.push(signal) > 0;
  }
}

function supervised(workers: number) {
  const children: FakeChild[] = [];
  const due: { delayMs: number; run: () => void }[] = [];
  const ended: number[] = [];
  let nowMs = 0;
  const supervisor = new Supervisor({
    workers,
    start: () => {
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
      every: () => ({ stop: () => undefined }),
    },
    log: jsonLog(
      () => undefined,
      {},
      () => 0,
    ),
    ended: (status) => ended.push(status),
  });
  const exit = (child: number, status: number | null, signal: string | null = null) =>
    children[child]?.emit('exit', status, signal);
  return { supervisor, children, due, ended, exit, at: (ms: number) => (nowMs = ms) };
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
});
