import { setTimeout as delay } from 'node:timers/promises';
import type { CommunityPool } from '../adapters/community/community-pool.ts';
import type { Site } from '../config/site.ts';

/** So long a start waits for inner servers; then the proxies get a gateway that can at least say so. */
const REACH_MS = 2000;
const LOOK_MS = 50;

/** A gateway that joins before it reaches its servers would refuse what another gateway could serve. */
export async function communitiesReached(
  { communities }: Site,
  pool: Pick<CommunityPool, 'hosts'>,
): Promise<void> {
  const isReached = () => communities.every(({ id }) => pool.hosts(id, undefined, '').length > 0);
  const until = performance.now() + REACH_MS;
  while (!isReached() && performance.now() < until) await delay(LOOK_MS);
}
