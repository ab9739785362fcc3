import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HeldReading } from '@sallyport/shared/io/held-reading.ts';

function stage() {
  const socket = { isRead: true, pause: () => socket, resume: () => socket };
  socket.pause = () => {
    socket.isRead = false;
    return socket;
  };
  socket.resume = () => {
    socket.isRead = true;
    return socket;
  };
  return { socket, reading: new HeldReading(socket as never) };
}

describe('a socket that may be held', () => {
  it('is not read while anything holds it', () => {
    const { socket, reading } = stage();
    reading.hold('owner');
    reading.hold('turn');
    assert.equal(socket.isRead, false);
    reading.release('owner');
    assert.equal(socket.isRead, false);
    reading.release('turn');
    assert.equal(socket.isRead, true);
  });

  it('is held once for one reason, however often that is said', () => {
    const { socket, reading } = stage();
    reading.hold('owner');
    reading.hold('owner');
    reading.release('turn');
    assert.equal(socket.isRead, false);
    reading.release('owner');
    assert.equal(socket.isRead, true);
  });
});
