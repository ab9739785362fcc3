/** A SIP message as a peer saw it on the wire; latin1 text. */
export interface TracedMessage {
  readonly direction: 'received' | 'sent';
  readonly text: string;
  readonly startLine: string;
}

/** All values of a header field, in order, by its long name; compact forms are not used by our peers. */
export function headerValues(message: TracedMessage, name: string): readonly string[] {
  const head = message.text.slice(0, headLength(message.text));
  const prefix = `${name.toLowerCase()}:`;
  return head
    .split(/\r?\n/)
    .filter((line) => line.toLowerCase().startsWith(prefix))
    .map((line) => line.slice(prefix.length).trim());
}

/** The method of a request; undefined for a response. */
export function methodOf(message: TracedMessage): string | undefined {
  return message.startLine.startsWith('SIP/2.0 ') ? undefined : message.startLine.split(' ', 1)[0];
}

/** The status of a response, with the method it answers: `200 INVITE`. */
export function statusOf(message: TracedMessage): string | undefined {
  if (!message.startLine.startsWith('SIP/2.0 ')) return undefined;
  const [cseq = ''] = headerValues(message, 'CSeq');
  return `${message.startLine.slice(8, 11)} ${cseq.split(' ')[1] ?? ''}`;
}

/** The first request of a method; throws when none came. */
export function requestOf(messages: readonly TracedMessage[], method: string): TracedMessage {
  const found = messages.find((message) => methodOf(message) === method);
  if (found === undefined) {
    throw new Error(`no ${method} among: ${messages.map((each) => each.startLine).join(' | ')}`);
  }
  return found;
}

/** Cuts messages out of a program's log. */
export function messagesBetween(log: string, begin: string, end: string): readonly TracedMessage[] {
  return log
    .split(begin)
    .slice(1)
    .map((part) => tracedMessage('received', part.slice(0, part.indexOf(end)).trimStart()));
}

const SIPP_RULE = /^-{40,} \d{4}-\d\d-\d\d[^\n]*\n/m;
const SIPP_TITLE = /^[A-Z]+ message (sent|received) [[(]\d+[\])] ?(?:bytes)?[^\n]*\n+/;

/** Reads what SIPp wrote with `-trace_msg`. */
export function sippTrace(text: string): readonly TracedMessage[] {
  return text.split(SIPP_RULE).flatMap((part) => {
    const title = SIPP_TITLE.exec(part);
    if (title === null) return [];
    const direction = title[1] === 'sent' ? 'sent' : 'received';
    return [tracedMessage(direction, part.slice(title[0].length))];
  });
}

/** A message from its text. */
export function tracedMessage(direction: TracedMessage['direction'], text: string): TracedMessage {
  return { direction, text, startLine: text.split(/\r?\n/, 1)[0] ?? '' };
}

function headLength(text: string): number {
  const end = text.search(/\r?\n\r?\n/);
  return end < 0 ? text.length : end;
}
