import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PARTNER_DOMAIN, PARTNER_SECOND_SERVER } from './support/addresses.ts';
import { needs } from './support/available.ts';
import { freePort } from './support/free-port.ts';
import { assertNothingInside } from './support/hidden-inside.ts';
import { startNameServer } from './support/name-server.ts';
import { startPair } from './support/pair.ts';
import { innerCalls, partnerAnswers, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';

test(
  'nobody listens at the first SRV target: the second gets the message (RFC 3263 §4.3)',
  needs('kamailio', 'sipp', 'stunnel4', 'dnsmasq'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const second = { host: PARTNER_SECOND_SERVER, port: await freePort(PARTNER_SECOND_SERVER) };
    const answerer = await partnerAnswers(scene, 'answer-server', second);
    const targets = [
      { ...scene.partnerServer, name: `sip1.${PARTNER_DOMAIN}`, priority: 10 },
      { ...second, name: `sip2.${PARTNER_DOMAIN}`, priority: 20 },
    ];
    const dns = await startNameServer(stage, [{ domain: PARTNER_DOMAIN, targets }]);
    await startPair(scene, { nameservers: [dns.address] });
    const caller = await innerCalls(scene, 'message-client', 'agent');
    assert.equal(await caller.finished(), 0);
    assert.equal(await answerer.finished(), 0);
    assertNothingInside(answerer.received(), scene.publicEdge);
  }),
);
