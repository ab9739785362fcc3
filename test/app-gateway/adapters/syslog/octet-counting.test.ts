import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { octetCounted } from '@sallyport/app-gateway/adapters/syslog/octet-counting.ts';
import { HOSTILE } from './siem-records.ts';
import { cutMessages } from './syslog-server.ts';

describe('octet counting (RFC 5425 §4.3)', () => {
  it('puts the length in octets, not in characters, before each message', () => {
    const framed = octetCounted([Buffer.from('abc'), Buffer.from('Grüße')]);
    assert.equal(framed.toString(), '3 abc7 Grüße');
  });

  it('is nothing for no message', () => {
    assert.equal(octetCounted([]).length, 0);
  });

  it('lets no message begin another', () => {
    const messages = HOSTILE.map(([, value]) => `<110>1 ${value.toWellFormed()}`);
    const framed = octetCounted(messages.map((message) => Buffer.from(message)));
    const cut = cutMessages(framed);
    assert.deepEqual(cut.messages, messages);
    assert.equal(cut.rest.length, 0);
  });
});
