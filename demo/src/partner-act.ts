import { createAuthority } from '@sallyport/certs/authority.ts';
import { spoken } from './acts.ts';
import { type Desk, Refused } from './desk.ts';
import type { LedgerLookup } from './ledger-lookup.ts';
import type { SecondCompany } from './second-company.ts';
import type { Stage } from './stage.ts';
import type { Step, Timeline } from './timeline.ts';
import type { User } from './user.ts';

const DAY_MS = 86_400_000;
const SEVER_MS = 5000;

/** What "partner offer" answers, as far as it is used here. */
interface Offered {
  readonly words: string;
  readonly files: readonly { readonly name: string; readonly text: string }[];
}

/** Taking on a second company: keys by file and telephone, a new key under way, cut off, let in again. */
export async function takeOnPartner(
  stage: Stage,
  initech: SecondCompany,
  timeline: Timeline,
): Promise<void> {
  timeline.title('Taking on a partner: initech.example, which has a Sallyport of its own');
  await new PartnerAct(stage, initech, timeline).play();
}

class PartnerAct {
  readonly #alice: User;
  readonly #carol: User;
  readonly #acme: Desk;
  readonly #initech: Desk;
  readonly #ledger: LedgerLookup;
  readonly #ports: readonly [ours: number, theirs: number];
  readonly #timeline: Timeline;

  constructor(stage: Stage, initech: SecondCompany, timeline: Timeline) {
    this.#alice = stage.alice;
    this.#carol = initech.carol;
    this.#acme = stage.desk;
    this.#ledger = stage.ledger;
    this.#initech = initech.desk;
    this.#ports = [stage.site.ports.public, initech.ports.public];
    this.#timeline = timeline;
  }

  async play(): Promise<void> {
    await this.#meet();
    await this.#exchange();
    await this.#letIn();
    await this.#rollOverUnderTraffic();
    await this.#cutOff();
  }

  async #meet(): Promise<void> {
    const [ours, theirs] = this.#ports;
    await this.#step(
      'officers',
      'operator add: ann and bob, at both companies',
      'done',
      async () => {
        await Promise.all([this.#acme.addOperators(), this.#initech.addOperators()]);
        return 'done';
      },
    );
    await this.#step('operators', 'partner add, at both companies', 'done', async () => {
      await Promise.all([
        this.#acme.give('partner add', settingsOf('initech', theirs), 'bob'),
        this.#initech.give('partner add', settingsOf('acme', ours), 'bob'),
      ]);
      return 'done';
    });
    await this.#talk('alice → carol', 'MESSAGE before any key is known', 'refused, 403');
  }

  async #exchange(): Promise<void> {
    const expired = await createAuthority({
      commonName: 'Initech CA of last year',
      notBeforeMs: Date.now() - 400 * DAY_MS,
      notAfterMs: Date.now() - DAY_MS,
    });
    const receive = (file: object) =>
      this.#acme.give<{ set: { id: string } }>(
        'partner receive',
        { partner: 'initech', file },
        'bob',
      );
    const verify = (by: 'ann' | 'bob', fingerprint: string) =>
      this.#acme.give<{ set: { verifiedBy: readonly string[] } }>(
        'partner verify',
        { partner: 'initech', fingerprint },
        by,
      );
    const old = Buffer.from(expired.certificatePem).toString('base64');
    await this.#step('bob', 'partner receive old-ca.pem', 'refused (trust-problems)', () =>
      receive({ name: 'old-ca.pem', base64: old }).then(() => 'taken', codeOf),
    );
    const offered = await this.#initech.give<Offered>('partner offer', { partner: 'acme' }, 'bob');
    await this.#step('bob', 'partner receive initech-offer-1.json', 'received as t1', async () => {
      const { set } = await receive(fileOf(offered));
      return `received as ${set.id}`;
    });
    const ours = await this.#acme.give<Offered>('partner offer', { partner: 'initech' }, 'bob');
    await this.#step(
      'bob',
      'partner verify, words of something else',
      'refused (fingerprint-wrong)',
      () => verify('bob', ours.words).then(() => 'taken', codeOf),
    );
    await this.#step(
      'bob, twice',
      'partner verify, the same person again',
      'refused (verifier-twice)',
      async () => {
        await verify('bob', offered.words);
        return verify('bob', offered.words).then(() => 'taken', codeOf);
      },
    );
    await this.#step(
      'ann',
      'partner verify, words by telephone',
      'verified by bob and ann',
      async () => {
        const { set } = await verify('ann', offered.words);
        return `verified by ${set.verifiedBy.join(' and ')}`;
      },
    );
    await this.#step('initech', 'does the same with our offer, and stages it', 't1', () =>
      takeKeys(this.#initech, 'acme', ours),
    );
  }

  async #letIn(): Promise<void> {
    await this.#step('bob', 'partner stage initech', 'staged', async () => {
      const { set } = await this.#acme.give<{ set: { state: string } }>(
        'partner stage',
        { partner: 'initech' },
        'bob',
      );
      return set.state;
    });
    await this.#talk('alice → carol', 'MESSAGE over the first live handshake', 'delivered, 200');
    await this.#talk('carol → alice', 'MESSAGE', 'delivered, 200');
    await this.#step('bob', 'partner show, then activate', 'seen on the wire, active', async () => {
      await this.#acme.untilShown('initech', ({ accepts }) => accepts[0]?.state === 'seen');
      const { set } = await this.#acme.give<{ set: { state: string } }>(
        'partner activate',
        { partner: 'initech' },
        'bob',
      );
      return `seen on the wire, ${set.state}`;
    });
  }

  async #rollOverUnderTraffic(): Promise<void> {
    this.#timeline.note('from here on alice and carol write to each other without a pause');
    const traffic = new Chatter(this.#alice, this.#carol);
    try {
      await this.#rollOver();
    } finally {
      await traffic.stop();
    }
    this.#timeline.note(`${traffic.count} messages went both ways meanwhile`);
    await this.#step('alice and carol', 'messages while the key changed', '0 failed', () =>
      Promise.resolve(traffic.count === 0 ? 'no messages' : `${traffic.failed} failed`),
    );
  }

  async #rollOver(): Promise<void> {
    let next = { key: '', spki: '' };
    await this.#step('initech', 'cert request, cert install: of another CA', 'k2', async () => {
      next = await this.#initech.makeNextKey();
      return next.key;
    });
    await this.#step(
      'initech',
      'partner offer: both keys, now and next',
      'staged at acme as t2',
      async () => {
        const offered = await this.#initech.give<Offered>(
          'partner offer',
          { partner: 'acme' },
          'bob',
        );
        return `staged at acme as ${await takeKeys(this.#acme, 'initech', offered)}`;
      },
    );
    await this.#step('initech', 'cert activate: shows its new key', 'seen under t2', async () => {
      await this.#initech.give('cert activate', { identity: 'main', key: next.key }, 'bob');
      await this.#acme.untilShown('initech', ({ accepts }) =>
        accepts.some(({ id, lastUse }) => id === 't2' && lastUse?.spki === next.spki),
      );
      return 'seen under t2';
    });
    const retire = { partner: 'initech', set: 't1' };
    await this.#step(
      'bob',
      'partner retire t1, used a moment ago',
      'refused (trust-still-used)',
      () => this.#acme.give('partner retire', retire, 'bob').then(() => 'retired', codeOf),
    );
    await this.#step('officer ann', 'partner retire t1 --force --reason …', 'retired', async () => {
      const force = { force: true, reason: 'a demo has no week to wait' };
      const { set } = await this.#acme.give<{ set: { state: string } }>(
        'partner retire',
        { ...retire, ...force },
        'ann',
      );
      return set.state;
    });
  }

  async #cutOff(): Promise<void> {
    await this.#step('bob', 'partner sever initech', 'no connection on either side', async () => {
      const startMs = performance.now();
      await this.#acme.give('partner sever', { partner: 'initech', reason: 'key stolen' }, 'bob');
      const isGone = ({ connections }: { readonly connections: readonly unknown[] }) =>
        connections.length === 0;
      await this.#initech.untilShown('acme', isGone);
      await this.#acme.untilShown('initech', isGone);
      const isInTime = performance.now() - startMs < SEVER_MS;
      return isInTime ? 'no connection on either side' : 'too late';
    });
    await this.#talk('alice → carol', 'MESSAGE to a severed partner', 'refused, 403');
    const restore = { partner: 'initech', reason: 'false alarm' };
    await this.#step(
      'bob',
      'partner restore initech, with the same keys',
      'refused (officer-restores)',
      () => this.#acme.give('partner restore', restore, 'bob').then(() => 'restored', codeOf),
    );
    await this.#step('officer ann', 'partner restore initech', 'restored', async () => {
      await this.#acme.give('partner restore', restore, 'ann');
      return 'restored';
    });
    await this.#talk('alice → carol', 'MESSAGE', 'delivered, 200');
    await this.#talk('carol → alice', 'MESSAGE', 'delivered, 200');
  }

  #step(who: string, what: string, expected: string, run: Step['run']): Promise<void> {
    return this.#timeline.step({ who, where: 'inner DMZ', what, expected, run });
  }

  #talk(who: string, what: string, expected: string): Promise<void> {
    const isOurs = who.startsWith('alice');
    const [from, to] = isOurs ? [this.#alice, this.#carol] : [this.#carol, this.#alice];
    return this.#timeline.step({
      who,
      where: 'end to end',
      what,
      expected,
      run: async () => (await spoken(from, to, what)).replace('not delivered', 'refused'),
      record: () => this.#ledger.ofCall(from.lastCallId),
    });
  }
}

/** Takes an offer: received, verified by two people, staged; the id of the new set. */
async function takeKeys(desk: Desk, partner: string, offered: Offered): Promise<string> {
  const { set } = await desk.give<{ set: { id: string } }>(
    'partner receive',
    { partner, file: fileOf(offered) },
    'bob',
  );
  const fingerprint = offered.words;
  await desk.give('partner verify', { partner, fingerprint }, 'bob');
  await desk.give('partner verify', { partner, fingerprint }, 'ann');
  await desk.give('partner stage', { partner }, 'bob');
  return set.id;
}

function settingsOf(partner: string, port: number) {
  return {
    partner,
    domain: [`${partner}.example`],
    method: ['MESSAGE', 'OPTIONS'],
    endpoint: [`127.0.0.1:${port}`],
  };
}

/** The offer's file, as a mail would bring it. */
function fileOf({ files }: Offered) {
  const [file] = files;
  return { name: file?.name ?? '', base64: Buffer.from(file?.text ?? '').toString('base64') };
}

function codeOf(cause: unknown): string {
  if (cause instanceof Refused) return `refused (${cause.code})`;
  throw cause;
}

/** Two people who write to each other, each as soon as the last message was answered. */
class Chatter {
  count = 0;
  failed = 0;
  #isOn = true;
  readonly #talks: readonly Promise<void>[];

  constructor(one: User, other: User) {
    this.#talks = [this.#talk(one, other), this.#talk(other, one)];
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await Promise.all(this.#talks);
  }

  async #talk(from: User, to: User): Promise<void> {
    while (this.#isOn) {
      const status = await from.say(to.address, 'still there?').catch(() => 0);
      this.count++;
      if (status !== 200) this.failed++;
    }
  }
}
