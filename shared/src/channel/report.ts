import { type Decoder, integer, ofPayload, oneOf, record, text } from './strict-json.ts';

/** A proxy's log line on its way to the operators' log inside. */
export interface LogReport {
  readonly time: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly event: string;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** Counters of one proxy worker since it started, by name. */
export type MetricsReport = Readonly<Record<string, number>>;

const NAMES_MAX = 512;
const NAME = /^[A-Za-z][A-Za-z0-9_.:-]{0,63}$/;

const logReport = record<LogReport>({
  time: text(32, /^[0-9T:.Z-]+$/, 'a time'),
  level: oneOf('info', 'warn', 'error'),
  event: text(128, /^[a-z0-9-]+$/, 'an event name'),
  fields: named<string | number | boolean>((value, at, problems) => {
    if (typeof value === 'string' && value.length <= 1024 && !/\p{Cc}/u.test(value)) return value;
    if (typeof value === 'number' || typeof value === 'boolean') return value;
    problems.push(`${at}: expected a number, true, false, or text without control characters`);
    return '';
  }),
});
const metricsReport: Decoder<MetricsReport> = named(integer(0, Number.MAX_SAFE_INTEGER));

export const decodeLogReport = ofPayload(logReport);
export const decodeMetricsReport = ofPayload(metricsReport);

/** An object whose keys are names of ours but not known here one by one. */
function named<T>(decoder: Decoder<T>): Decoder<Readonly<Record<string, T>>> {
  return (value, at, problems) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      problems.push(`${at === '' ? 'document' : at}: expected an object`);
      return {};
    }
    const entries = Object.entries(value);
    if (entries.length > NAMES_MAX) problems.push(`${at}: more than ${NAMES_MAX} names`);
    const decoded: [string, T][] = [];
    for (const [name, entry] of entries.slice(0, NAMES_MAX)) {
      if (!NAME.test(name)) problems.push(`${at}: ${JSON.stringify(name.slice(0, 64))} is no name`);
      else decoded.push([name, decoder(entry, `${at}.${name}`, problems)]);
    }
    return Object.fromEntries(decoded);
  };
}
