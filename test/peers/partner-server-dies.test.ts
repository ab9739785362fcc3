import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PARTNER_DOMAIN, PARTNER_SECOND_SERVER } from './support/addresses.ts';
import { needs } from './support/available.ts';
import { freePort } from './support/free-port.ts';
import { startNameServer } from './support/name-server.ts';
import { startPair } from './support/pair.ts';
import { innerCalls, partnerAnswers, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';

test(
  "a partner's first server dies under its connection: the next message goes to the second",
  needs('kamailio', 'sipp', 'stunnel4', 'dnsmasq'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const second = { host: PARTNER_SECOND_SERVER, port: await freePort(PARTNER_SECOND_SERVER) };
    const dying = await partnerAnswers(scene, 'answer-server');
    const heir = await partnerAnswers(scene, 'answer-server', second, 'heir');
    const targets = [
      { ...scene.partnerServer, name: `sip1.${PARTNER_DOMAIN}`, priority: 10 },
      { ...second, name: `sip2.${PARTNER_DOMAIN}`, priority: 20 },
    ];
    const dns = await startNameServer(stage, [{ domain: PARTNER_DOMAIN, targets }]);
    await startPair(scene, { nameservers: [dns.address] });

    const before = await innerCalls(scene, 'message-client', 'agent');
    assert.equal(await before.finished(), 0);
    assert.equal(await dying.finished(), 0);
    await dying.tunnel.kill();
    const after = await innerCalls(scene, 'message-client', 'agent');
    assert.equal(await after.finished(), 0);
    assert.equal(await heir.finished(), 0);
  }),
);
