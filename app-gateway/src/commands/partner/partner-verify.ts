import { parseTypedFingerprint, type TypedFault } from '@sallyport/certs/fingerprint.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { OPERATORS_NEEDED, verifyTrust } from '../../domain/exchange/trust/verify-trust.ts';
import type { CommandDefinition } from '../command.ts';
import type { CommandRefusal } from '../command-refusal.ts';
import { name, setId } from '../parameter-schema.ts';
import { type StepAnswer, stepAnswer, stepText } from '../step-answer.ts';
import { PARTNER_VERIFY } from './partner-key-descriptions.ts';
import { noteStep, onlySet } from './partner-step.ts';

const schema = z.strictObject({
  partner: name,
  set: setId.optional(),
  fingerprint: z.string().min(1).max(1000),
});

const DOMAINS_SHOWN = 8;

/** One person's word that the partner read out this fingerprint. */
export const partnerVerify: CommandDefinition<z.infer<typeof schema>, StepAnswer> = {
  ...PARTNER_VERIFY,
  schema,
  async run(context, { partner, set, fingerprint }, author) {
    const typed = parseTypedFingerprint(fingerprint);
    if (!typed.ok) return err(typedRefusal(typed.error));
    let meant = set;
    const done = await noteStep(context, author, partner, (record, actor) => {
      const only = onlySet(record, set, 'verify', ['received']);
      if (!only.ok) return only;
      meant = only.value;
      return verifyTrust(record, { set: only.value, ...typed.value }, actor, context.nowMs());
    });
    if (!done.ok) return done;
    const { refusal } = done.value.change;
    return refusal === undefined ? ok(stepAnswer(done.value, meant)) : err(refusal);
  },
  text(answer) {
    const { set, partner } = answer;
    const by = set?.verifiedBy.join(' and ');
    const left = OPERATORS_NEEDED - (set?.verifiedBy.length ?? 0);
    const done = `${set?.id} of ${partner.partner}: fingerprint right, verified by ${by}\n  ${spokenFor(partner.domains)}`;
    if (left <= 0) return stepText(done, answer);
    return `${done}\nnext: another operator rings ${partner.partner} and does the same`;
  },
};

/** What the two people answer for beside the key. */
function spokenFor(domains: readonly string[]): string {
  const more = domains.length - DOMAINS_SHOWN;
  const shown = domains.slice(0, DOMAINS_SHOWN).join(', ');
  return `it will speak for ${shown}${more > 0 ? ` and ${more} more: sallyport partner show` : ''}`;
}

function typedRefusal(fault: TypedFault): CommandRefusal {
  return {
    code: 'fingerprint-malformed',
    message: faultText(fault),
    next: 'type it again; this was no attempt',
    detail: { ...fault },
  };
}

function faultText(fault: TypedFault): string {
  switch (fault.code) {
    case 'fingerprint-length-wrong':
      return `a fingerprint has 64 digits, these are ${fault.digits}`;
    case 'words-count-wrong':
      return `there are ${fault.wanted} words, these are ${fault.found}`;
    case 'word-unknown':
      return `word ${fault.place} is not on the list`;
    case 'word-misplaced':
      return `word ${fault.place} cannot stand there: one was left out, said twice or swapped`;
    case 'check-word-wrong':
      return 'one of the words is wrong: they do not fit each other';
  }
}
