import type { z } from 'zod';

/** What is wrong with a value, in words that follow its name; the value itself is not repeated, for it may be a secret. */
export function issueWords(issue: z.core.$ZodIssue): string {
  const isAbsent = issue.input === undefined;
  switch (issue.code) {
    case 'unrecognized_keys':
      return `has what is not known: ${someOf(issue.keys)}`;
    case 'invalid_type':
      return isAbsent ? 'is missing' : `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return isAbsent ? 'is missing' : `must be one of: ${issue.values.join(', ')}`;
    case 'too_small':
    case 'too_big':
      return boundOf(issue);
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return issue.message;
  }
}

/** A request over the operators' socket may have two hundred thousand. */
function someOf(keys: readonly string[]): string {
  const shown = keys.slice(0, KEYS_SHOWN).map(shortened).join(', ');
  return keys.length > KEYS_SHOWN ? `${shown} and ${keys.length - KEYS_SHOWN} more` : shown;
}

/** A name as far as it need be read to be found. */
export function shortened(name: string): string {
  return name.length > NAME_SHOWN ? `${name.slice(0, NAME_SHOWN)}…` : name;
}

const KEYS_SHOWN = 10;
const NAME_SHOWN = 64;

function boundOf(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const isLeast = issue.code === 'too_small';
  const bound = isLeast ? issue.minimum : issue.maximum;
  const limit = `${isLeast ? 'at least' : 'at most'} ${bound}`;
  const plural = Number(bound) === 1 ? '' : 's';
  if (issue.origin === 'array') {
    return `must have ${limit} ${Number(bound) === 1 ? 'entry' : 'entries'}`;
  }
  return issue.origin === 'string' ? `must have ${limit} character${plural}` : `must be ${limit}`;
}

function article(type: string): string {
  if (type === 'int') return 'a whole number';
  if (type === 'object' || type === 'record') return 'a group of settings';
  if (type === 'array') return 'a list';
  if (type === 'boolean') return 'true or false';
  return `a ${type}`;
}
