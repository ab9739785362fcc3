import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OUR_DOMAIN, PARTNER_DOMAIN, PARTNER_SERVER } from './support/addresses.ts';
import { needs } from './support/available.ts';
import { receivedByBaresip, startBaresip } from './support/baresip.ts';
import { freePort } from './support/free-port.ts';
import { assertNothingInside } from './support/hidden-inside.ts';
import { startNameServer } from './support/name-server.ts';
import { startPair } from './support/pair.ts';
import { innerCalls, setScene, startInnerServer } from './support/scene.ts';
import { staged } from './support/stage.ts';
import { requestOf } from './support/trace.ts';

test(
  'baresip answers a user of ours: INVITE, ACK and BYE over the connection that we opened',
  needs('kamailio', 'sipp', 'baresip', 'dnsmasq'),
  staged(async (stage) => {
    const scene = await setScene(stage);
    await startInnerServer(scene);
    const dns = await startNameServer(stage, [{ domain: OUR_DOMAIN, targets: [] }]);
    const local = { host: PARTNER_SERVER, port: (await freePort(PARTNER_SERVER, 1)) + 1 };
    const answerer = await startBaresip(stage, {
      local,
      certificate: scene.partnerCertificate,
      ca: scene.publicAuthority.file,
      domain: PARTNER_DOMAIN,
      outboundDomain: OUR_DOMAIN,
      nameServer: dns.address,
      quitAfterS: 30,
    });
    await startPair(scene, { partnerEndpoints: [local] });
    const caller = await innerCalls(scene, 'invite-bye-client', 'agent');
    assert.equal(await caller.finished(), 0);
    const received = receivedByBaresip(answerer, local, scene.publicEdge);
    assertNothingInside(received, scene.publicEdge);
    for (const method of ['INVITE', 'ACK', 'BYE']) requestOf(received, method);
  }),
);
