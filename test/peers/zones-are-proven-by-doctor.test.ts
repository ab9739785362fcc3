import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ZoneName } from '@sallyport/app-gateway/plan/network-plan.ts';
import type { Stage } from './support/stage.ts';
import { workingSite } from './zones/example-sites.ts';
import { needsZones } from './zones/needs-zones.ts';
import { answerEverywhere } from './zones/stand-ins.ts';
import type { ZoneNetwork } from './zones/zone-network.ts';
import { inZones, planOfSite } from './zones/zone-pair.ts';

const COMMAND_LINE = fileURLToPath(import.meta.resolve('@sallyport/app-gateway/cli/main.ts'));
const DOCTOR_MS = 240_000;
const AT_ONCE = 6;

/** Somebody who looks: a host of the plan, or anybody of the internet. */
interface Looker {
  readonly space: string;
  readonly zone: ZoneName;
  readonly host?: string;
}

test(
  'doctor proves a site from all its hosts and from outside, and finds a hole in one rule',
  needsZones(),
  inZones(
    () => planOfSite(workingSite()),
    async (stage, network) => {
      await answerEverywhere(stage, network);
      const desk = await Desk.open(stage, network);
      const lookers: Looker[] = [
        ...network.plan.hosts.map(({ name, zone }) => ({ space: name, zone, host: name })),
        { space: 'partner-a', zone: 'internet' },
      ];
      const looked = await desk.lookFromAll(lookers);
      assert.deepEqual(
        looked
          .filter(({ code }) => code !== 0)
          .map(({ looker, text }) => `${looker.space}: ${text}`),
        [],
      );
      const proof = await desk.prove(lookers);
      assert.equal(proof.code, 0, proof.text);

      // One rule too many, on the two firewalls that stand between.
      const hole = 'ip saddr 10.1.0.11 ip daddr 10.3.0.30 tcp dport 5432 counter accept';
      for (const firewall of ['firewall-2', 'firewall-3']) {
        network
          .at(firewall)
          .run('nft', ['insert', 'rule', 'inet', 'sallyport', 'forward', ...hole.split(' ')]);
      }
      // Who owns the host has no rules of its own any more.
      network.at('edge-a').run('nft', ['flush', 'ruleset']);
      const [found] = await desk.lookFromAll([
        { space: 'edge-a', zone: 'outer-dmz', host: 'edge-a' },
      ]);
      assert.equal(found?.code, 1);
      assert.match(found?.text ?? '', /hole/i);
      assert.match(found?.text ?? '', /10\.3\.0\.30:5432|10\.3\.0\.30.*5432/);
      const disproof = await desk.prove(lookers);
      assert.equal(disproof.code, 1);
    },
  ),
);

interface Ended {
  readonly code: number;
  readonly text: string;
}

/** One operator who walks from host to host with the plan and a key. */
class Desk {
  readonly #network: ZoneNetwork;
  readonly #folder: string;

  private constructor(network: ZoneNetwork, folder: string) {
    this.#network = network;
    this.#folder = folder;
  }

  static async open(stage: Stage, network: ZoneNetwork): Promise<Desk> {
    const folder = stage.subfolder('desk');
    writeFileSync(join(folder, 'matrix.json'), JSON.stringify(network.plan));
    writeFileSync(join(folder, 'passphrase'), 'correct horse battery staple\n', { mode: 0o600 });
    const desk = new Desk(network, folder);
    // The public half goes where the command is run.
    await desk.#sallyport('firewall-1', [
      ...['operator', 'key', 'anna', '--new-key', join(folder, 'anna.key')],
      ...['--new-passphrase-file', join(folder, 'passphrase')],
    ]);
    return desk;
  }

  async lookFromAll(lookers: readonly Looker[]) {
    const waiting = [...lookers];
    const looked: (Ended & { readonly looker: Looker })[] = [];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let looker = waiting.shift(); looker !== undefined; looker = waiting.shift()) {
          looked.push({ looker, ...(await this.#look(looker)) });
        }
      }),
    );
    return looked;
  }

  /** Merges what was found into one document. */
  prove(lookers: readonly Looker[]): Promise<Ended> {
    const results = lookers.map((looker) => this.#result(looker));
    return this.#run('firewall-1', [
      ...['--report', ...results, '--keys', join(this.#folder, 'anna.pub')],
      ...['--out', join(this.#folder, 'proof.html')],
    ]);
  }

  #look(looker: Looker): Promise<Ended> {
    return this.#run(looker.space, [
      ...['--from-zone', looker.zone, '--out', this.#result(looker), ...this.#key()],
      ...(looker.host === undefined ? [] : ['--as', looker.host]),
    ]);
  }

  #result({ space }: Looker): string {
    return join(this.#folder, `${space}.result`);
  }

  #key(): readonly string[] {
    const file = (name: string) => join(this.#folder, name);
    return ['--operator-key', file('anna.key'), '--passphrase-file', file('passphrase')];
  }

  #run(space: string, args: readonly string[]): Promise<Ended> {
    return this.#sallyport(space, [
      ...['doctor', '--against', join(this.#folder, 'matrix.json')],
      ...args,
    ]);
  }

  async #sallyport(space: string, args: readonly string[]): Promise<Ended> {
    const all = [COMMAND_LINE, ...args];
    const { command, args: words } = this.#network.at(space).command(process.execPath, all);
    const options = { timeout: DOCTOR_MS, cwd: this.#folder };
    try {
      const { stdout } = await promisify(execFile)(command, words, options);
      return { code: 0, text: stdout };
    } catch (fault) {
      const { code, stdout, stderr } = fault as { code: number; stdout: string; stderr: string };
      return { code: Number(code), text: `${stdout}${stderr}` };
    }
  }
}
