import { type DerReader, Tag } from './der-reader.ts';

const UTC_TIME = /^\d{12}Z$/;
const GENERALIZED_TIME = /^\d{14}Z$/;
const YEAR_MIN = 1950;

/**
 * Reads one end of a validity period as milliseconds since 1970.
 *
 * Only the forms with seconds and `Z` are DER (RFC 5280 §4.1.2.5.1, §4.1.2.5.2); a UTCTime year below
 * 50 is in this century. A GeneralizedTime before 2050 is a CA's mistake that applications must read.
 */
export function readValidityTime(reader: DerReader): number {
  const isGeneralized = reader.peek() === Tag.generalizedTime;
  const text = reader.content(isGeneralized ? Tag.generalizedTime : Tag.utcTime).toString('latin1');
  if (!(isGeneralized ? GENERALIZED_TIME : UTC_TIME).test(text)) {
    reader.fail();
    return 0;
  }
  const digits = isGeneralized ? text : (text < '5' ? '20' : '19') + text;
  const part = (from: number) => Number(digits.slice(from, from + 2));
  const year = Number(digits.slice(0, 4));
  const [month, day, hour, minute, second] = [part(4), part(6), part(8), part(10), part(12)];
  const isReal =
    year >= YEAR_MIN &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(year, month) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59;
  if (!isReal) reader.fail();
  return isReal ? Date.UTC(year, month - 1, day, hour, minute, second) : 0;
}

function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2) return isLeap ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
