import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requestKey } from '@sallyport/app-gateway/domain/core/request-key.ts';
import { MessageIndex } from '@sallyport/shared/sip/message-index.ts';
import { CoreStage, fromPartner, LIMITS, type RequestParts } from './core-stage.ts';

const { globex, initech, staff } = new CoreStage();
const OLD = 'SIP/2.0/TLS edge.globex.example:5061';

function keyOf(method: string, parts: RequestParts = {}, origin = globex, asked = method): string {
  const index = new MessageIndex(LIMITS);
  const bytes = Buffer.from(fromPartner(method, parts), 'latin1');
  assert.equal(index.scan(bytes, 0, bytes.length), bytes.length);
  return requestKey(index, origin, asked);
}

describe('the key of a server transaction (RFC 3261 §17.2.3)', () => {
  it('is one peer’s own', () => {
    const keys = [globex, initech, staff].map((origin) => keyOf('INVITE', {}, origin));
    assert.equal(new Set(keys).size, 3);
  });

  it('of an INVITE is that of its ACK, and what its CANCEL asks for', () => {
    const tagged = { to: '<sip:bob@acme.example>;tag=ours' };
    assert.equal(keyOf('ACK', tagged), keyOf('INVITE'));
    assert.equal(keyOf('CANCEL', {}, globex, 'INVITE'), keyOf('INVITE'));
  });

  it('is so without the magic cookie too, whatever other Vias stood behind the topmost one of the INVITE', () => {
    const keys = [OLD, `${OLD} , SIP/2.0/UDP a;branch=1`, `${OLD}\r\n ,SIP/2.0/UDP a`].map((via) =>
      keyOf('INVITE', { via }),
    );
    keys.push(keyOf('ACK', { via: OLD }), keyOf('CANCEL', { via: OLD }, globex, 'INVITE'));
    assert.equal(new Set(keys).size, 1);
    assert.notEqual(keyOf('INVITE', { via: `${OLD};branch=2` }), keys[0]);
  });
});
