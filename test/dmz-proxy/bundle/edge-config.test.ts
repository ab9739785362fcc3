import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { edgeConfig } from '@sallyport/dmz-proxy/bundle/edge-config.ts';
import { allowAnew } from '@sallyport/dmz-proxy/identity/partner.ts';
import { type ProxySite, proxySite, trusting } from '../../integration/support/proxy-site.ts';

describe('a snapshot made ready for use', () => {
  let site: ProxySite;
  before(async () => {
    site = await proxySite();
  });
  after(() => site.remove());

  it('knows its own names, in lower case', () => {
    const config = edgeConfig({ ...site.snapshot, publicHost: 'SIP.acme.example' }, undefined, 0);
    assert.ok(config.ok);
    assert.equal(config.value.publicSentBy, 'sip.acme.example:5061');
    assert.deepEqual([...config.value.ownHosts], ['sip.acme.example', 'acme.example']);
  });

  it('knows the names that listeners advertise', () => {
    const advertised = ['north.acme.example:5071', '[2001:db8::1]:5060'];
    const config = edgeConfig({ ...site.snapshot, advertised }, undefined, 0);
    assert.ok(config.ok);
    assert.deepEqual([...config.value.ownSentBys], ['sip.acme.example:5061', ...advertised]);
    assert.ok(config.value.ownHosts.has('north.acme.example'));
    assert.ok(config.value.ownHosts.has('[2001:db8::1]'));
  });

  it('writes an address of version 6 as Via does', () => {
    const config = edgeConfig({ ...site.snapshot, publicHost: '2001:db8::2' }, undefined, 0);
    assert.equal(config.ok && config.value.publicSentBy, '[2001:db8::2]:5061');
  });

  it('is refused whole when a part is wrong', () => {
    const partners = site.snapshot.partners.map((partner) => ({
      ...partner,
      trustSets: [trusting('x')],
    }));
    const config = edgeConfig({ ...site.snapshot, partners, identities: [] }, undefined, 0);
    assert.equal(config.ok ? 0 : config.error.length, 2);
  });

  it('changes nothing of what partners may before it is in use', () => {
    const rated = (messagesBurst: number) => ({
      ...site.snapshot,
      partners: site.snapshot.partners.map((partner) => ({
        ...partner,
        ...{ messagesPerSecond: 1, messagesBurst },
      })),
    });
    const inUse = edgeConfig(rated(3), undefined, 0);
    assert.ok(inUse.ok);
    const [partner] = inUse.value.partners.byId.values();
    const admitted = () => {
      let messages = 0;
      while (partner?.load.takeMessage(0) === true) messages++;
      return messages;
    };
    assert.equal(edgeConfig({ ...rated(1), identities: [] }, inUse.value, 0).ok, false);
    const less = edgeConfig(rated(2), inUse.value, 0);
    assert.equal(admitted(), 3);
    assert.ok(less.ok);
    assert.equal(less.value.partners.byId.get(partner?.id ?? '')?.load, partner?.load);
    allowAnew(less.value.partners, 10_000);
    assert.equal(admitted(), 2);
  });

  it('is refused when a message could be larger than a frame of the channel', () => {
    const limits = { ...site.snapshot.limits, headBytesMax: 262_144, bodyBytesMax: 262_144 };
    assert.equal(edgeConfig({ ...site.snapshot, limits }, undefined, 0).ok, true);
    const over = { ...limits, bodyBytesMax: 262_145 };
    assert.equal(edgeConfig({ ...site.snapshot, limits: over }, undefined, 0).ok, false);
  });
});
