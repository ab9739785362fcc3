type LogFacts = Readonly<Record<string, string | number | boolean | null | undefined>>;

/**
 * What a log line may carry besides its event: short facts, never bodies or user addresses.
 *
 * None by a name that the line's own facts have: those stand, and what was said of another host would be lost.
 */
export type LogFields = LogFacts & {
  readonly [Own in 'time' | 'level' | 'event' | 'program' | 'node']?: never;
};

/** For operators: structured, may drop. What auditors need goes elsewhere. */
export interface Logger {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

const VALUE_CHARACTERS_MAX = 512;
const FIELDS_MAX = 32;
// Everything that ends a line or steers a terminal, and what reorders text for the eye (Trojan Source).
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A logger that writes one JSON object per line: `time`, `level`, `event`, then base and given fields.
 *
 * A peer's text can neither start a line of its own nor hide a part of one: control and format characters
 * are escaped before JSON sees them, and values are cut at 512 characters.
 */
export function jsonLog(write: (line: string) => void, base: LogFacts, now: () => number): Logger {
  const at = (level: string) => (event: string, fields?: LogFields) => {
    const line: Record<string, unknown> = {
      time: new Date(now()).toISOString(),
      level,
      event: printable(event),
    };
    addFields(line, base);
    if (fields !== undefined) addFields(line, fields);
    write(`${JSON.stringify(line)}\n`);
  };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

function addFields(line: Record<string, unknown>, fields: LogFacts): void {
  let room = FIELDS_MAX - Object.keys(line).length;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || name in line) continue;
    if (room-- <= 0) return;
    line[printable(name)] = typeof value === 'string' ? printable(value) : value;
  }
}

function printable(text: string): string {
  const cut = text.length > VALUE_CHARACTERS_MAX ? `${text.slice(0, VALUE_CHARACTERS_MAX)}…` : text;
  return cut.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}
