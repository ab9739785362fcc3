import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { HostFitness, LauncherLine } from '@sallyport/dmz-proxy/launcher/host-fitness.ts';

/** A child whose pipes both ends hold. */
class FakeChild extends EventEmitter {
  readonly stdin = new PassThrough();
  readonly pipe = new PassThrough();
  readonly stdio = [this.stdin, null, null, null, this.pipe];
  readonly line = new LauncherLine(this.stdin, this.pipe);
}

function started(fitness: HostFitness, worker: number): FakeChild {
  const child = new FakeChild();
  fitness.join(worker, child as unknown as ChildProcess);
  return child;
}

/** Streams tell on later turns. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('the fitness of a host', () => {
  it('is that of its fittest worker, and all know it', async () => {
    const fitness = new HostFitness();
    const [a, b] = [started(fitness, 0), started(fitness, 1)];
    const known = () => [a.line.isAnyoneFit, b.line.isAnyoneFit];
    await settled();
    assert.deepEqual(known(), [false, false]);
    a.line.tell(true);
    await settled();
    assert.deepEqual(known(), [true, true]);
    b.line.tell(true);
    a.line.tell(false);
    await settled();
    assert.deepEqual(known(), [true, true]);
    b.line.tell(false);
    await settled();
    assert.deepEqual(known(), [false, false]);
  });

  it('is told to a worker that comes later, and ends with the worker that had it', async () => {
    const fitness = new HostFitness();
    const a = started(fitness, 0);
    a.line.tell(true);
    await settled();
    const b = started(fitness, 1);
    await settled();
    assert.equal(b.line.isAnyoneFit, true);
    a.emit('exit', 1, null);
    await settled();
    assert.equal(b.line.isAnyoneFit, false);
  });

  it('is not moved by a worker that could not be started for want of descriptors', async () => {
    const fitness = new HostFitness();
    const a = started(fitness, 0);
    // As Node leaves it then: neither pipes nor an end, and its error comes later.
    fitness.join(
      1,
      Object.assign(new EventEmitter(), { stdin: undefined, stdio: undefined }) as never,
    );
    a.line.tell(true);
    await settled();
    assert.equal(a.line.isAnyoneFit, true);
  });

  it('does not hear what is left of a worker that was started anew', async () => {
    const fitness = new HostFitness();
    const old = started(fitness, 0);
    const young = started(fitness, 0);
    old.line.tell(true);
    await settled();
    assert.equal(young.line.isAnyoneFit, false);
    young.line.tell(true);
    old.emit('exit', 1, null);
    await settled();
    assert.equal(young.line.isAnyoneFit, true);
  });

  it('is nobody’s business without a launcher, and a broken pipe is no failure', async () => {
    const alone = new LauncherLine(new PassThrough(), undefined);
    alone.tell(true);
    assert.equal(alone.isAnyoneFit, false);
    const child = started(new HostFitness(), 0);
    child.pipe.destroy(new Error('EPIPE'));
    child.stdin.destroy(new Error('EPIPE'));
    await settled();
    child.line.tell(true);
  });

  it('outlives a worker that breaks its pipes, of which the launcher holds the other ends', async () => {
    const [stdin, pipe] = [new PassThrough(), new PassThrough()];
    const child = Object.assign(new EventEmitter(), {
      stdin,
      stdio: [stdin, null, null, null, pipe],
    });
    const fitness = new HostFitness();
    fitness.join(0, child as unknown as ChildProcess);
    const other = started(fitness, 1);
    // Without a listener either would end the launcher, and with it all workers.
    for (const end of [stdin, pipe]) end.destroy(new Error('ECONNRESET'));
    await settled();
    other.line.tell(true);
    await settled();
    assert.equal(other.line.isAnyoneFit, true);
  });

  it('is repeated by a launcher that lives; a worker that hears nothing says so, once', async () => {
    const ticks: { launcher?: () => void; worker?: () => void } = {};
    const every = (side: 'launcher' | 'worker') => ({
      every: (_: number, run: () => void) => {
        ticks[side] = run;
        return { stop: () => undefined };
      },
    });
    const fitness = new HostFitness();
    fitness.repeat(every('launcher'));
    let silences = 0;
    const child = started(fitness, 0);
    child.line.watch(every('worker'), () => silences++);
    await settled();
    for (let look = 0; look < 20; look++) {
      ticks.launcher?.();
      await settled();
      ticks.worker?.();
    }
    assert.equal(silences, 0);
    for (let look = 0; look < 3; look++) ticks.worker?.();
    assert.equal(silences, 0);
    for (let look = 0; look < 20; look++) ticks.worker?.();
    assert.equal(silences, 1);
  });

  it('of a launcher that is gone is not waited for: whose child the worker is by then must not suffer', async () => {
    let look = (): void => assert.fail('nobody looks');
    let silences = 0;
    const child = started(new HostFitness(), 0);
    const every = (_: number, run: () => void) => {
      look = run;
      return { stop: () => undefined };
    };
    child.line.watch({ every }, () => silences++);
    await settled();
    for (let at = 0; at < 4; at++) look();
    child.stdin.end();
    await settled();
    for (let at = 0; at < 20; at++) look();
    assert.equal(silences, 0);
  });

  it('of whoever says nothing from the beginning is not waited for', () => {
    let look = (): void => assert.fail('nobody looks');
    let silences = 0;
    const line = new LauncherLine(new PassThrough(), undefined);
    line.watch(
      {
        every: (_, run) => {
          look = run;
          return { stop: () => undefined };
        },
      },
      () => silences++,
    );
    for (let at = 0; at < 20; at++) look();
    assert.equal(silences, 0);
  });
});
