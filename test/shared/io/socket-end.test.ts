import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { endSocket, endWhenWritten } from '@sallyport/shared/io/socket-end.ts';
import { ManualClock } from './manual-clock.ts';

class FakeSocket extends EventEmitter {
  readonly did: string[] = [];
  end(): void {
    this.did.push('end');
  }
  destroySoon(): void {
    this.did.push('destroySoon');
  }
  destroy(): void {
    this.did.push('destroy');
  }
}

describe('the end of a socket', () => {
  for (const [what, closesAtMs, did] of [
    ['that the peer takes', 999, ['end']],
    ['that the peer does not take', undefined, ['end', 'destroy']],
  ] as const) {
    it(`${what}: ${did.join(', ')}`, () => {
      const clock = new ManualClock();
      const socket = new FakeSocket();
      endSocket(socket as unknown as Socket, clock);
      clock.advance(closesAtMs ?? 1000);
      if (closesAtMs !== undefined) socket.emit('close');
      clock.advance(5000);
      assert.deepEqual(socket.did, did);
      assert.equal(clock.waiting, 0);
    });
  }

  for (const [what, closesAtMs, did] of [
    ['once all is written', 1999, ['destroySoon']],
    ['when its peer has not taken it in time', undefined, ['destroySoon', 'destroy']],
  ] as const) {
    it(`${what}: ${did.join(', ')}`, () => {
      const clock = new ManualClock();
      const socket = new FakeSocket();
      endWhenWritten(socket as unknown as Socket, clock);
      clock.advance(closesAtMs ?? 2000);
      if (closesAtMs !== undefined) socket.emit('close');
      clock.advance(5000);
      assert.deepEqual(socket.did, did);
      assert.equal(clock.waiting, 0);
    });
  }
});
