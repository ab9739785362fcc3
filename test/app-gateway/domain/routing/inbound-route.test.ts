import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CoreStage, fromPartner, headers, SITE, startLine } from '../core/core-stage.ts';
import {
  begunByPartner,
  INNER_CONTACT,
  INNER_ROUTE,
  partnerSends,
  uriOf,
} from '../core/dialog-stage.ts';

const OUR_NAME = 'sip:sip.acme.example:5061;transport=tls';

describe('a request in a dialog whose target is our name alone', () => {
  // As of a user agent that keeps the address of its next hop for the remote target.
  it('takes the inner route that our Record-Route remembers', () => {
    const { stage, partner } = begunByPartner('INVITE');
    partnerSends(stage, 'INFO', { ...partner, target: OUR_NAME });
    const { to, text } = stage.one();
    assert.equal(to, 'community');
    assert.equal(startLine(text), `INFO ${OUR_NAME} SIP/2.0`);
    assert.deepEqual(headers(text, 'Route'), [INNER_ROUTE]);
  });

  it('is of no dialog without that, or with another partner’s', () => {
    const { stage, partner } = begunByPartner('INVITE');
    partnerSends(stage, 'INFO', { ...partner, target: OUR_NAME, routes: [] });
    assert.match(startLine(stage.one().text), /^SIP\/2\.0 481 /);
    const methods = new Set(['INFO']);
    const [initech] = [SITE.partnerById.get('initech')];
    assert.ok(initech);
    const partnerById = new Map([...SITE.partnerById, ['initech', { ...initech, methods }]]);
    stage.core.replaceSite({ ...SITE, partnerById });
    partnerSends(stage, 'INFO', { ...partner, target: OUR_NAME }, stage.initech);
    assert.match(startLine(stage.one().text), /^SIP\/2\.0 481 /);
  });
});

describe('a dialog with a community that is no more', () => {
  for (const [name, target] of [
    ['its Contact', undefined],
    ['our name', OUR_NAME],
  ] as const) {
    it(`has ended, to whoever asks ${name}`, () => {
      const { stage, partner } = begunByPartner('INVITE');
      stage.core.replaceSite({
        ...SITE,
        communityById: new Map(),
        communityByDomain: new Map(),
      });
      partnerSends(stage, 'BYE', { ...partner, target: target ?? partner.target });
      assert.match(startLine(stage.one().text), /^SIP\/2\.0 481 /);
    });
  }

  it('has Contacts that nobody finds', () => {
    const { stage, partner } = begunByPartner('INVITE');
    stage.core.replaceSite({ ...SITE, communityById: new Map() });
    stage.request(stage.globex, fromPartner('MESSAGE', { uri: partner.target }));
    assert.match(startLine(stage.one().text), /^SIP\/2\.0 404 /);
  });
});

describe('the inner host that is asked first', () => {
  it('is that of the Contact, with its port, where no route leads there', () => {
    const stage = new CoreStage();
    const contact = uriOf(INNER_CONTACT).replace('10.9.8.7:5070', 'two.inner.example:5071');
    const { partner } = begunByPartner('INVITE', stage, [], `<${contact}>`);
    partnerSends(stage, 'BYE', { ...partner, routes: [] });
    assert.equal(startLine(stage.one().text), `BYE ${contact} SIP/2.0`);
    assert.equal(stage.preferred.at(-1), 'two.inner.example:5071');
  });
});

describe('a maddr in the Request-URI of a partner', () => {
  it('may name a domain of ours, and stays', () => {
    const stage = new CoreStage();
    const uri = 'sip:bob@acme.example;maddr=ACME.example';
    stage.request(stage.globex, fromPartner('MESSAGE', { uri }));
    const { to, text } = stage.one();
    assert.equal(to, 'community');
    assert.equal(startLine(text), `MESSAGE ${uri} SIP/2.0`);
  });
});
