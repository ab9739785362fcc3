import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PARTNER_DOMAIN } from './support/addresses.ts';
import { needs } from './support/available.ts';
import { assertNothingInside } from './support/hidden-inside.ts';
import { startNameServer } from './support/name-server.ts';
import { startPair } from './support/pair.ts';
import { innerCalls, partnerAnswers, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';

test(
  'a partner without endpoints in its file is found by NAPTR, SRV and A (RFC 3263 §4)',
  needs('kamailio', 'sipp', 'stunnel4', 'dnsmasq'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const answerer = await partnerAnswers(scene, 'answer-server');
    const only = { ...scene.partnerServer, name: `sip1.${PARTNER_DOMAIN}`, priority: 10 };
    const dns = await startNameServer(stage, [{ domain: PARTNER_DOMAIN, targets: [only] }]);
    await startPair(scene, { nameservers: [dns.address] });
    const caller = await innerCalls(scene, 'message-client', 'agent');
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(answerer.received(), scene.publicEdge);
    assert.match(dns.program.log, /query\[(type=35|NAPTR)\] partner\.example/);
    assert.match(dns.program.log, /query\[SRV\] _sips\._tcp\.partner\.example/);
  }),
);
