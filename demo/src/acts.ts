import { issueDomainCertificate } from '@sallyport/certs/domain-certificate.ts';
import { validForDays } from '@sallyport/certs/validity.ts';
import { attack, flood, rawMessage } from './attack.ts';
import { OUR_DOMAIN, PARTNER_DOMAIN } from './demo-site.ts';
import type { Stage } from './stage.ts';
import type { Timeline } from './timeline.ts';
import type { User } from './user.ts';

/** One round: people talk, then attackers come, then we look at what left the building. */
export async function actOne(stage: Stage, timeline: Timeline): Promise<void> {
  await peopleTalk(stage, timeline);
  await attackersCome(stage, timeline);
  await nothingLeaked(stage, timeline);
}

async function peopleTalk(stage: Stage, timeline: Timeline): Promise<void> {
  const { alice, bob, ledger } = stage;
  timeline.title('People talk');
  await timeline.step({
    who: 'bob → alice',
    where: 'end to end',
    what: 'MESSAGE "Is the 14:30 still on?"',
    expected: 'delivered, 200',
    run: () => spoken(bob, alice, 'Is the 14:30 still on?'),
    record: () => ledger.ofCall(bob.lastCallId),
  });
  await timeline.step({
    who: 'alice → bob',
    where: 'end to end',
    what: 'MESSAGE "Yes, room 4.12"',
    expected: 'delivered, 200',
    run: () => spoken(alice, bob, 'Yes, room 4.12'),
    record: () => ledger.ofCall(alice.lastCallId),
  });
  await timeline.step({
    who: 'bob watches alice',
    where: 'end to end',
    what: 'SUBSCRIBE presence, NOTIFY comes back',
    expected: 'NOTIFY: In a meeting',
    run: async () => `NOTIFY: ${await bob.watch(alice.address)}`,
    record: () => ledger.ofCall(bob.lastCallId),
  });
  await timeline.step({
    who: 'alice watches bob',
    where: 'end to end',
    what: 'SUBSCRIBE presence, NOTIFY comes back',
    expected: 'NOTIFY: At my desk',
    run: async () => `NOTIFY: ${await alice.watch(bob.address)}`,
    record: () => ledger.ofCall(alice.lastCallId),
  });
  await timeline.step({
    who: 'bob calls alice',
    where: 'end to end',
    what: 'INVITE, 180, 200, ACK, BYE',
    expected: 'rang, answered, hung up',
    run: async () => callInWords(await bob.call(alice.address)),
    record: () => ledger.ofCall(bob.lastCallId),
  });
  await timeline.step({
    who: 'alice calls bob',
    where: 'end to end',
    what: 'INVITE, 180, 200, ACK, BYE',
    expected: 'rang, answered, hung up',
    run: async () => callInWords(await alice.call(bob.address)),
    record: () => ledger.ofCall(alice.lastCallId),
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
  const turnedAway = (who: string, what: string, expected: string, run: () => Promise<string>) => {
    const sinceMs = Date.now();
    let code = '';
    return timeline.step({
      who,
      where,
      what,
      expected,
      run: async () => {
        const seen = await withReason(stage, run);
        code = seen.code;
        return `${seen.text} (${code})`;
      },
      record: () => stage.ledger.ofRefusal(code, sinceMs),
    });
  };
  await turnedAway('stranger', 'no certificate at all', 'closed (peer-certificate-missing)', () =>
    attack({ port, identity: undefined }, hello),
  );
  await turnedAway('stranger', "partner's name, another CA", 'closed (path-not-found)', () =>
    attack({ port, identity: forged }, hello),
  );
  await turnedAway('stranger', "partner's CA, another name", 'closed (identity-unknown)', () =>
    attack({ port, identity: otherName }, hello),
  );
  await turnedAway(
    'dishonest partner',
    `From: ceo@${OUR_DOMAIN}`,
    '403 (from-domain-not-covered)',
    () => attack(partner, [rawMessage(`ceo@${OUR_DOMAIN}`)]),
  );
  await turnedAway('broken partner', 'a head of 20,000 bytes', 'closed (sip-head-too-large)', () =>
    attack(partner, [rawMessage(bob, `X-Long: ${'a'.repeat(20_000)}\r\n`)]),
  );
  await turnedAway(
    'smuggling partner',
    'two Content-Lengths',
    '400, closed (sip-content-length-repeated)',
    () => attack(partner, [rawMessage(bob, 'Content-Length: 9\r\n')]),
  );
  await turnedAway(
    'flooding partner',
    '300 messages at once, 60 agreed',
    'some pass, then 503 (rate-exceeded)',
    () => flood(partner, bob, 300),
  );
}

/** What the attacker saw, and what the edge's own log gives as the reason. */
async function withReason(
  stage: Stage,
  run: () => Promise<string>,
): Promise<{ readonly text: string; readonly code: string }> {
  const since = stage.proxy.lines.length;
  const text = await run();
  const line = await Promise.race([
    stage.proxy.event('connection-refused', since),
    stage.proxy.event('request-refused', since),
  ]);
  return { text, code: String(line['code']) };
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

/** Says something and tells whether it was heard, and the final status. */
export async function spoken(from: User, to: User, text: string): Promise<string> {
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
