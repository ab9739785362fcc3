import { randomInt } from 'node:crypto';
import type { DnsAnswer, DnsQuestion } from '@sallyport/shared/net/dns-record.ts';
import { beginLocate, type LocateSubject, stepLocate } from '@sallyport/shared/net/locate.ts';
import type { Target } from '@sallyport/shared/net/target.ts';
import type { DnsResolver } from '../dns/resolver.ts';
import type { Partner } from '../identity/partner.ts';
import { LOCATE_POLICY } from '../outbound/outbound.ts';
import { mayBeDialled } from '../outbound/reserved-networks.ts';
import type { StepList } from './step-list.ts';

/** Servers that one probe tries; messages would try more. */
export const TARGETS_TRIED_MAX = 3;

/**
 * Where messages for a partner's domain would go, each question to the DNS a step (RFC 3263).
 *
 * The same way as messages find it: agreed endpoints first, and no reserved address that only the DNS names.
 */
export async function findTargets(
  partner: Partner,
  domain: string,
  resolver: Pick<DnsResolver, 'ask'>,
  steps: StepList,
): Promise<readonly Target[]> {
  const { endpoints } = partner.settings;
  const isAgreed = endpoints.length > 0;
  const subjects: readonly LocateSubject[] = isAgreed
    ? endpoints.map((endpoint) => ({ scheme: 'sips', ...endpoint }))
    : [{ scheme: 'sip', host: domain }];
  const found: Target[] = [];
  for (const subject of subjects) {
    if (found.length >= TARGETS_TRIED_MAX) break;
    for (const target of await locate(subject, partner.id, resolver, steps)) {
      if (isAgreed || mayBeDialled(target.address, partner.sourceNetworks)) {
        found.push({ ...target, serverName: domain });
      } else {
        steps.add('dns', undefined, {
          expected: 'an address on the internet, or one in sourceNetworks',
          seen: target.address,
          outcome: 'failed',
          code: 'address-reserved',
        });
      }
    }
  }
  if (found.length === 0) {
    steps.add('dns', undefined, {
      expected: isAgreed ? 'an address of an agreed endpoint' : `a server for ${domain}`,
      seen: 'none',
      outcome: 'failed',
      code: 'no-target',
    });
  }
  return found.slice(0, TARGETS_TRIED_MAX);
}

async function locate(
  subject: LocateSubject,
  partner: string,
  resolver: Pick<DnsResolver, 'ask'>,
  steps: StepList,
): Promise<readonly Target[]> {
  const options = { ...LOCATE_POLICY, randomUpTo: (max: number) => randomInt(max + 1) };
  let turn = beginLocate(subject, options);
  while (turn.kind === 'ask') {
    const { questions } = turn;
    const answers = await Promise.all(questions.map((question) => resolver.ask(question, partner)));
    for (const [at, question] of questions.entries()) {
      noteAnswer(question, answers[at] ?? { kind: 'failed' }, steps);
    }
    turn = stepLocate(turn.state, answers, options);
  }
  if (turn.kind === 'found') return turn.targets;
  steps.add('dns', undefined, {
    expected: `somewhere to go for ${subject.host}`,
    seen: turn.reason,
    outcome: 'failed',
    code: turn.reason,
  });
  return [];
}

/** That one kind of record is absent is no fault: another may be there. */
function noteAnswer({ type, name }: DnsQuestion, answer: DnsAnswer, steps: StepList): void {
  const isFailed = answer.kind === 'failed';
  steps.add('dns', undefined, {
    expected: `${type} ${name}`,
    seen: answerText(answer),
    outcome: isFailed ? 'warning' : 'ok',
    ...(isFailed && { code: 'dns-failed' }),
  });
}

function answerText(answer: DnsAnswer): string {
  switch (answer.kind) {
    case 'naptr':
      return answer.records.map(({ service, replacement }) => `${service} ${replacement}`).join();
    case 'srv':
      return answer.records
        .map(({ priority, weight, port, target }) => `${priority} ${weight} ${port} ${target}`)
        .join(', ');
    case 'addresses':
      return answer.addresses.join(', ');
    case 'none':
      return 'no such record';
    case 'failed':
      return 'the name servers gave no answer';
  }
}
