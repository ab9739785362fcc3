import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Errand,
  endpointsKey,
  hopKey,
  isBehindEndpoints,
  namesAskedFor,
  placesOf,
  poolKey,
} from '@sallyport/dmz-proxy/outbound/errand.ts';
import { parseSipUri } from '@sallyport/shared/sip/uri.ts';

const ENDPOINT = { host: 'edge.globex.example', port: 5061 };

function errand(text: string, endpoints: readonly unknown[] = [], isPlain = false): Errand {
  const uri = parseSipUri(text);
  assert.ok(uri.ok);
  const partner = { id: 'globex', domains: new Set(['globex.example']), settings: { endpoints } };
  const identity = isPlain ? undefined : { name: 'main' };
  return { uri: uri.value, partner, identity } as unknown as Errand;
}

describe('an errand to a partner', () => {
  it('has a key of its own for each partner, identity of ours and next hop', () => {
    const { partner } = errand('sip:a@globex.example');
    assert.equal(poolKey(errand('sip:a@globex.example')), 'globex main globex.example');
    assert.equal(poolKey(errand('sip:a@globex.example:5071')), 'globex main globex.example:5071');
    assert.equal(poolKey(errand('sip:a@globex.example', [], true)), 'globex  globex.example');
    assert.equal(hopKey(partner, 'main', 'globex.example'), 'globex main globex.example');
    assert.equal(hopKey(partner, undefined, 'globex.example'), 'globex  globex.example');
  });

  it('goes where the URI says, or to the endpoints that were agreed', () => {
    assert.deepEqual(placesOf(errand('sip:a@globex.example:5071;transport=tls')), {
      isAgreed: false,
      subjects: [{ scheme: 'sip', host: 'globex.example', port: 5071, transport: 'tls' }],
    });
    assert.deepEqual(placesOf(errand('sip:a@10.0.0.1', [ENDPOINT])), {
      isAgreed: true,
      subjects: [{ scheme: 'sips', ...ENDPOINT }],
    });
  });

  it('is behind the endpoints where it goes to no domain of the partner, and has one key with all that are', () => {
    const inside = errand('sip:a@10.0.0.1:50123', [ENDPOINT]);
    assert.equal(isBehindEndpoints(inside), true);
    assert.equal(isBehindEndpoints(errand('sip:a@globex.example', [ENDPOINT])), false);
    assert.equal(isBehindEndpoints(errand('sip:a@10.0.0.1')), false);
    const other = errand('sip:b@phone.inside.example', [ENDPOINT]);
    assert.equal(endpointsKey(inside), endpointsKey(other));
    assert.notEqual(endpointsKey(inside), poolKey(inside));
  });

  it('over plain TCP goes nowhere without endpoints, whatever the DNS says', () => {
    assert.deepEqual(placesOf(errand('sip:a@globex.example', [], true)).subjects, []);
  });

  it('asks for the host of the URI, and behind endpoints for any domain of the partner', () => {
    const inside = 'sip:a@core.inside.example';
    assert.deepEqual(namesAskedFor(errand(inside)), ['core.inside.example']);
    assert.deepEqual(namesAskedFor(errand(inside, [ENDPOINT])), [
      'core.inside.example',
      'globex.example',
    ]);
    assert.deepEqual(namesAskedFor(errand('sip:a@globex.example', [ENDPOINT])), ['globex.example']);
  });
});
