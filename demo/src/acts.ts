import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { attack, flood, rawMessage } from './attack.ts';
import { OUR_DOMAIN, PARTNER_DOMAIN } from './demo-site.ts';
import type { Stage } from './stage.ts';
import type { Timeline } from './timeline.ts';

/** One round: people talk, then attackers come, then we look at what left the building. */
export async function actOne(stage: Stage, timeline: Timeline): Promise<void> {
  await peopleTalk(stage, timeline);
  await attackersCome(stage, timeline);
  await nothingLeaked(stage, timeline);
}

async function peopleTalk(stage: Stage, timeline: Timeline): Promise<void> {
  const { alice, bob } = stage;
  timeline.title('People talk');
  await timeline.step({
    who: 'bob → alice',
    where: 'end to end',
    what: 'MESSAGE "Is the 14:30 still on?"',
    expected: 'delivered, 200',
    run: () => spoken(bob, alice, 'Is the 14:30 still on?'),
  });
  await timeline.step({
    who: 'alice → bob',
    where: 'end to end',
    what: 'MESSAGE "Yes, room 4.12"',
    expected: 'delivered, 200',
    run: () => spoken(alice, bob, 'Yes, room 4.12'),
  });
  await timeline.step({
    who: 'bob watches alice',
    where: 'end to end',
    what: 'SUBSCRIBE presence, NOTIFY comes back',
    expected: 'NOTIFY: In a meeting',
    run: async () => `NOTIFY: ${await bob.watch(alice.address)}`,
  });
  await timeline.step({
    who: 'alice watches bob',
    where: 'end to end',
    what: 'SUBSCRIBE presence, NOTIFY comes back',
    expected: 'NOTIFY: At my desk',
    run: async () => `NOTIFY: ${await alice.watch(bob.address)}`,
  });
  await timeline.step({
    who: 'bob calls alice',
    where: 'end to end',
    what: 'INVITE, 180, 200, ACK, BYE',
    expected: 'rang, answered, hung up',
    run: async () => callInWords(await bob.call(alice.address)),
  });
  await timeline.step({
    who: 'alice calls bob',
    where: 'end to end',
    what: 'INVITE, 180, 200, ACK, BYE',
    expected: 'rang, answered, hung up',
    run: async () => callInWords(await alice.call(bob.address)),
  });
}

async function attackersCome(stage: Stage, timeline: Timeline): Promise<void> {
  const { keys, ports } = stage.site;
  const validity = validForDays(Date.now(), 30);
  const port = ports.public;
  const where = 'outer DMZ' as const;
  const partner = { port, identity: keys.partner };
  const bob = `bob@${PARTNER_DOMAIN}`;
  const hello = [rawMessage(bob)];
  const forged = await issueDomainCertificate(keys.strangerAuthority, {
    domains: [PARTNER_DOMAIN],
    ...validity,
  });
  const otherName = await issueDomainCertificate(keys.partnerAuthority, {
    domains: ['other.example'],
    ...validity,
  });
  timeline.title('Attackers come');
  await timeline.step({
    who: 'stranger',
    where,
    what: 'no certificate at all',
    expected: 'connection closed',
    run: () => attack({ port, identity: undefined }, hello),
  });
  await timeline.step({
    who: 'stranger',
    where,
    what: "partner's name, another CA",
    expected: 'connection closed',
    run: () => attack({ port, identity: forged }, hello),
  });
  await timeline.step({
    who: 'stranger',
    where,
    what: "partner's CA, another name",
    expected: 'connection closed',
    run: () => attack({ port, identity: otherName }, hello),
  });
  await timeline.step({
    who: 'partner, dishonest',
    where,
    what: `From: ceo@${OUR_DOMAIN}`,
    expected: '403',
    run: () => attack(partner, [rawMessage(`ceo@${OUR_DOMAIN}`)]),
  });
  await timeline.step({
    who: 'partner, broken',
    where,
    what: 'a head of 20,000 bytes',
    expected: 'connection closed',
    run: () => attack(partner, [rawMessage(bob, `X-Long: ${'a'.repeat(20_000)}\r\n`)]),
  });
  await timeline.step({
    who: 'partner, smuggling',
    where,
    what: 'two Content-Lengths',
    expected: '400, connection closed',
    run: () => attack(partner, [rawMessage(bob, 'Content-Length: 9\r\n')]),
  });
  await timeline.step({
    who: 'partner, flooding',
    where,
    what: '300 messages at once, 60 agreed',
    expected: 'the first ones pass, the rest get 503',
    run: () => flood(partner, bob, 300),
  });
}

/** Everything that names the inside, searched in every head that the partner has seen. */
async function nothingLeaked(stage: Stage, timeline: Timeline): Promise<void> {
  const secrets = [
    'acme.internal',
    'AcmeChat',
    'DeskPhone alice',
    'alice.desk',
    `:${stage.site.ports.inner}`,
  ];
  timeline.title('What left the building');
  await timeline.step({
    who: 'auditor',
    where: 'partner',
    what: `${stage.partner.seen.length} heads searched for inner names, software, ports`,
    expected: 'none found',
    run: () => {
      const heads = stage.partner.seen.join('\n');
      const found = secrets.filter((secret) => heads.includes(secret));
      return Promise.resolve(found.length === 0 ? 'none found' : `found ${found.join(', ')}`);
    },
  });
}

async function spoken(from: Stage['bob'], to: Stage['alice'], text: string): Promise<string> {
  let heard = '';
  to.onText = (spokenText) => {
    heard = spokenText;
  };
  const status = await from.say(to.address, text);
  return heard === text ? `delivered, ${status}` : `not delivered, ${status}`;
}

function callInWords(steps: readonly string[]): string {
  const rang = steps.includes('180');
  const answered = steps.includes('200');
  const hungUp = steps.includes('BYE 200');
  return rang && answered && hungUp ? 'rang, answered, hung up' : steps.join(' ');
}
