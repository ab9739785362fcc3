import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { PlanSocket } from '@sallyport/app-gateway/plan/network-plan.ts';
import { PlanVerdicts } from '@sallyport/app-gateway/plan/verdict.ts';
import type { Attempt, Reached } from './try-connections.ts';
import type { ZoneNetwork } from './zone-network.ts';

/** What firewalls let through in one direction or the other for honest reasons. */
const SOURCE_PORTS = [5061, 7443, 53, 123];
const SWEPT_PORTS = 1024;

/**
 * Tries every socket of every host, by every address and from ports that firewalls know; inwards nothing is open but
 * what is named.
 */
export function knocksEverywhere(
  network: ZoneNetwork,
  attacker: string,
  open: readonly string[],
): void {
  const { plan } = network;
  const own = plan.hosts.find(({ name }) => name === attacker);
  assert.ok(own !== undefined);
  const verdicts = new PlanVerdicts(plan);
  const targets = verdicts.targets.filter(
    ({ host, address }) => host !== attacker && !address.includes(':'),
  );
  const addresses = own.addresses.filter((address) => !address.includes(':'));
  const isAllowed = (target: (typeof targets)[number]) =>
    addresses.some(
      (address) => verdicts.of(verdicts.callerAt(address), target).kind !== 'forbidden',
    );
  const outer = new Set(
    plan.hosts.filter(({ zone }) => zone === 'outer-dmz').map(({ name }) => name),
  );
  const inward = targets.filter(isAllowed).filter(({ host }) => !outer.has(host));
  assert.deepEqual([...new Set(inward.map(({ host, port }) => `${host}:${port}`))], open);
  const shut = targets.filter((target) => !isAllowed(target));
  const counted = dropped(network);
  const froms = addresses.flatMap((address) => [
    { address, port: 0 },
    ...SOURCE_PORTS.map((port) => ({ address, port })),
  ]);
  let tried = 0;
  for (const from of froms) {
    tried += reachesNone(
      network,
      attacker,
      shut.map(({ protocol, address, port }) => ({ protocol, address, port, from })),
    );
  }
  const gateway = plan.hosts.find(({ nodes }) => nodes.includes('gateway-1'));
  const [address = ''] = gateway?.addresses ?? [];
  const sweep = Array.from({ length: SWEPT_PORTS }, (_, at) => at + 1);
  tried += reachesNone(
    network,
    attacker,
    sweep.map((port) => ({ protocol: 'tcp', address, port })),
  );
  console.log(
    `${tried} ways tried from ${attacker}, ${dropped(network) - counted} packets counted as dropped`,
  );
  assert.ok(dropped(network) - counted > SWEPT_PORTS, 'the firewall has counted them');
  borrowsAddresses(network, attacker, shut);
}

/** Packets that say they come from an inner host reach nobody. */
function borrowsAddresses(
  network: ZoneNetwork,
  attacker: string,
  targets: readonly PlanSocket[],
): void {
  const { plan } = network;
  const inner = plan.hosts.filter(({ zone }) => zone === 'inner-dmz' || zone === 'intranet');
  const watched = inner.filter(({ addresses }) => addresses.every((each) => !each.includes(':')));
  // Below what systems choose by themselves.
  const port = 20_404;
  for (const { name } of watched) {
    const hook = 'type filter hook prerouting priority -400';
    const table = `table inet watch {\nchain seen {\n${hook};\ntcp sport ${port} counter\n}\n}\n`;
    network.at(name).run('nft', ['-f', '-'], table);
  }
  const space = network.at(attacker);
  for (const {
    addresses: [address = ''],
  } of watched) {
    space.network([`addr add ${address}/32 dev eth0`]);
    const others = targets.filter((target) => target.address !== address);
    reachesNone(
      network,
      attacker,
      others.map(({ address: to, ...target }) => ({
        protocol: target.protocol,
        port: target.port,
        address: to,
        from: { address, port },
      })),
    );
    space.network([`addr del ${address}/32 dev eth0`]);
  }
  for (const { name } of watched) {
    const seen = network.at(name).run('nft', ['list', 'table', 'inet', 'watch']);
    assert.match(seen, /counter packets 0 bytes 0/, `${name} was reached from a borrowed address`);
  }
}

function reachesNone(network: ZoneNetwork, attacker: string, attempts: readonly Attempt[]): number {
  const program = join(import.meta.dirname, 'try-connections.ts');
  const said = network.at(attacker).run(process.execPath, [program], JSON.stringify(attempts));
  const reached = JSON.parse(said) as readonly Reached[];
  const wrong = attempts.flatMap((attempt, at) =>
    reached[at] === 'silent' ? [] : [`${JSON.stringify(attempt)} is ${reached[at]}`],
  );
  assert.deepEqual(wrong, []);
  return attempts.length;
}

/** Packets from the outer DMZ that the firewall between it and the inner one has dropped. */
function dropped(network: ZoneNetwork): number {
  const counters = network.at('firewall-2').run('nft', ['list', 'counters']);
  return [...counters.matchAll(/counter (\S+) \{\s*packets (\d+)/g)]
    .filter(([, name = '']) => name.includes('drop'))
    .reduce((sum, [, , packets]) => sum + Number(packets), 0);
}
