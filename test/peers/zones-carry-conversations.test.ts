import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SiteDraft } from '../app-gateway/plan/site-on-a-network.ts';
import { needsPostgres } from './support/postgres-server.ts';
import {
  outsideInSite,
  packetBalancerSite,
  presetSite,
  singleDmzSite,
  standaloneSite,
  workingSite,
} from './zones/example-sites.ts';
import { needsZones } from './zones/needs-zones.ts';
import { inZones, planOfSite, ZonePair } from './zones/zone-pair.ts';

const { skip } = needsPostgres();
const options = skip === false ? needsZones('kamailio', 'haproxy') : { skip };

const MESSAGES = 20;

for (const [name, siteOf] of [
  ['dual-dmz behind a balancer', workingSite],
  ['dual-dmz behind a balancer of packet rules', packetBalancerSite],
  ['dual-dmz with proxies that dial', outsideInSite],
  ['single-dmz', singleDmzSite],
  ['standalone behind a translated address', standaloneSite],
] as const) {
  test(
    `${name}: partner and users write to each other through all zones, with every rule in force`,
    options,
    inZones(
      () => planOfSite(siteOf()),
      async (stage, network) => {
        await writeBothWays(await ZonePair.start(stage, network, siteOf()));
      },
    ),
  );
}

for (const preset of ['two-machine', 'three-machine', 'four-machine', 'five-machine']) {
  let site: SiteDraft;
  test(
    `${preset}: partner and users write to each other through all zones, with every rule in force`,
    options,
    inZones(
      async () => {
        site = await presetSite(preset);
        return planOfSite(site);
      },
      async (stage, network) => writeBothWays(await ZonePair.start(stage, network, site)),
    ),
  );
}

async function writeBothWays(pair: ZonePair): Promise<void> {
  const inward = await pair.partnerWrites('partner-a', MESSAGES);
  const outward = await pair.userWrites(MESSAGES);
  assert.deepEqual(await inward.statuses(), Array(MESSAGES).fill(200));
  assert.deepEqual(await outward.statuses(), Array(MESSAGES).fill(200));
}
