import { parseTypedFingerprint, type TypedFault } from '@sallyport/certs/fingerprint.ts';
import { err, ok } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { OPERATORS_NEEDED, verifyTrust } from '../../domain/exchange/trust/verify-trust.ts';
import type { CommandDefinition, CommandRefusal } from '../command.ts';
import { name, setId } from '../parameter-schema.ts';
import { type StepAnswer, stepAnswer, stepText } from '../step-answer.ts';
import { PARTNER, SET } from '../step-parameters.ts';
import { noteStep, onlySet } from './partner-step.ts';

const schema = z.strictObject({
  partner: name,
  set: setId.optional(),
  fingerprint: z.string().min(1).max(1000),
});

/** One person's word that the partner read out this fingerprint. */
export const partnerVerify: CommandDefinition<z.infer<typeof schema>, StepAnswer> = {
  words: ['partner', 'verify'],
  summary: 'say that the partner read you this fingerprint over the telephone',
  description: [
    'Ring the partner on a number that you know from elsewhere, let them read the fingerprint or its eleven words, and type what you hear. Two different people do this; only then can the set be staged.',
    'A partner without Sallyport that sent one root certificate and no more reads out the SHA-256 of that certificate ("openssl x509 -noout -fingerprint -sha256"); several roots are best sent in a file each. No command shows the fingerprint before it was verified.',
    'A wrong fingerprint is refused and written down; the fifth rejects the set. A mistyped word or a missing digit is no attempt.',
  ],
  examples: [
    'sallyport partner verify globex --fingerprint "alpine academy …"',
    'sallyport partner verify globex --set t2 --fingerprint "3f2a 91c0 …"',
  ],
  parameters: [
    PARTNER,
    SET,
    {
      name: 'fingerprint',
      description: 'what you heard: 64 digits or eleven words, in quotes',
      isRequired: true,
      kind: 'text',
      valueName: 'TEXT',
    },
  ],
  schema,
  role: 'operator',
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
    const done = `${set?.id} of ${partner.partner}: fingerprint right, verified by ${by}`;
    if (left <= 0) return stepText(done, answer);
    return `${done}\nnext: another operator rings ${partner.partner} and does the same`;
  },
};

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
