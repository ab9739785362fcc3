import type { Logger } from '@sallyport/shared/io/json-log.ts';
import { err, ok, type Result } from '@sallyport/shared/result.ts';
import { z } from 'zod';
import { readState } from '../../commands/change-state.ts';
import type { AnyCommand } from '../../commands/command.ts';
import type { CommandContext } from '../../commands/command-context.ts';
import { shownWords } from '../../commands/command-groups.ts';
import type { CommandRefusal } from '../../commands/command-refusal.ts';
import { isWhatWasSigned, type Parameters } from '../../commands/signed-parameters.ts';
import { issueWords, shortened } from '../../config/issue-words.ts';
import type { Author } from '../../domain/exchange/change-event.ts';
import { roleRefusal } from '../../domain/exchange/operator/operator-record.ts';
import { verifySignedCommand } from '../../domain/exchange/signed-command.ts';

/** What a request for a command holds; what a payload is made of is the domain's to judge. */
const requestSchema = z.strictObject({
  parameters: z.record(z.string().max(64), z.unknown()),
  payload: z.string().max(131_072).optional(),
  signature: z.string().max(200).optional(),
});

type Request = z.infer<typeof requestSchema>;

const PROBLEMS_SHOWN = 10;

/**
 * Carries out one request: its form, then who wants it, then the command itself.
 *
 * A command that changes something needs the signature of an operator with the role for it, over exactly the
 * parameters that came with it; whoever can open the socket can read, and no more.
 */
export async function carryOut(
  command: AnyCommand,
  body: unknown,
  context: CommandContext,
  log: Logger,
): Promise<Result<unknown, CommandRefusal>> {
  const request = requestSchema.safeParse(body, { reportInput: true });
  if (!request.success) return err(malformed('request-malformed', command, request.error));
  const parameters = command.schema.safeParse(request.data.parameters, { reportInput: true });
  if (!parameters.success) return err(malformed('parameters-wrong', command, parameters.error));
  const author = await authorOf(command, request.data, context);
  if (!author.ok) {
    if (command.role !== undefined) logged(log, command, request.data, author);
    return author;
  }
  const answer = await command.run(context, parameters.data, author.value);
  if (command.role !== undefined) logged(log, command, request.data, answer, author.value);
  return answer;
}

async function authorOf(
  command: AnyCommand,
  { parameters, payload, signature }: Request,
  context: CommandContext,
): Promise<Result<Author, CommandRefusal>> {
  const program: Author = { kind: 'program', node: context.node };
  const { role: least } = command;
  if (least === undefined) return ok(program);
  if (context.readOnly !== undefined) return err(context.readOnly);
  const state = await readState(context);
  if (!state.ok) return state;
  const { operators } = state.value;
  if (payload === undefined || signature === undefined) {
    return command.isOpenToFirst === true && operators.length === 0
      ? ok(program)
      : err(unsigned(operators.length === 0));
  }
  const { name: site } = context.site;
  const signed = verifySignedCommand(operators, payload, signature, site, context.nowMs());
  if (!signed.ok) return signed;
  const { operator, command: words, parameters: named } = signed.value;
  if (words.join(' ') !== command.words.join(' ')) return err(OTHER_COMMAND);
  if (!isWhatWasSigned(command.parameters, parameters, named)) return err(OTHER_PARAMETERS);
  const tooLow = roleRefusal(operator, least);
  if (tooLow !== undefined) return err(tooLow);
  return ok({ kind: 'operator', approval: { operator: operator.name, payload, signature } });
}

const AGAIN = 'give the command once more with the sallyport program of this version';
const OTHER_COMMAND: CommandRefusal = {
  code: 'other-command-signed',
  message: 'the signature is for another command',
  next: AGAIN,
};
const OTHER_PARAMETERS: CommandRefusal = {
  code: 'other-parameters-signed',
  message: 'what was signed is not what was sent',
  next: AGAIN,
};

function unsigned(isFirst: boolean): CommandRefusal {
  return {
    code: 'unsigned',
    message: 'this changes something, and carries no operator’s signature',
    next: isFirst
      ? 'add the first operator: sallyport operator add NAME --role officer'
      : 'give your key file: --operator-key FILE',
  };
}

/** What does not fit the schema, by its place; values are not repeated, for some are secrets. */
function malformed(code: string, { words }: AnyCommand, { issues }: z.ZodError): CommandRefusal {
  const problems = issues
    .slice(0, PROBLEMS_SHOWN)
    .map((issue) => `${placeOf(issue.path) || 'request'}: ${issueWords(issue)}`);
  // The command line sends what its own version knows, so this is another one.
  const isOfOtherVersion = issues.some(
    ({ code: kind, path }) => kind === 'unrecognized_keys' && path.length === 0,
  );
  return {
    code,
    message: problems.join('; '),
    next: isOfOtherVersion
      ? 'use the sallyport program of the gateway’s version; GET /v1/commands lists what it knows'
      : `see sallyport ${shownWords(words).join(' ')} --help`,
    detail: { problems },
  };
}

/** One line for every wish to change something: who, what, to whom, and what came of it. */
function logged(
  log: Logger,
  { words, parameters }: AnyCommand,
  { parameters: given }: Request,
  outcome: Result<unknown, CommandRefusal>,
  author?: Author,
): void {
  const operator = author?.kind === 'operator' ? author.approval.operator : undefined;
  const fields = { command: words.join(' '), operator, subject: subjectOf(parameters, given) };
  if (outcome.ok) log.info('command-done', fields);
  else log.warn('command-refused', { ...fields, code: outcome.error.code });
}

function subjectOf(definitions: AnyCommand['parameters'], given: Parameters): string | undefined {
  const first = definitions.find(({ isPositional }) => isPositional === true);
  const value = first && given[first.name];
  return typeof value === 'string' ? value : undefined;
}

/** An option that may be repeated is named, not which one of them: “type”, not “type.0”. */
function placeOf(path: readonly PropertyKey[]): string {
  return path
    .filter((part) => typeof part === 'string')
    .map(shortened)
    .join('.');
}
