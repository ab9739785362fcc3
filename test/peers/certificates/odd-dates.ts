import { der, sequence } from '../../x509-builder.ts';
import { NOW_MS } from './odd-chains.ts';
import { ANYWHERE, type Oddity, odd } from './oddity.ts';

const DAY_MS = 86_400_000;
const utc = (text: string) => der(0x17, Buffer.from(text));
const general = (text: string) => der(0x18, Buffer.from(text));
const dates = (from: Buffer, to: Buffer) => ({ validity: sequence(from, to) });
const FROM = utc('250101000000Z');
const TO = utc('490101000000Z');

/** Dates and the ways to write them (RFC 5280 §4.1.2.5). */
export const datesOdd: readonly Oddity[] = [
  odd('expired a day ago', ANYWHERE, { notAfterMs: NOW_MS - DAY_MS }),
  odd('expired a second ago', ANYWHERE, { notAfterMs: NOW_MS - 1000 }),
  odd('last second', ANYWHERE, { notAfterMs: NOW_MS }),
  odd('valid from tomorrow', ANYWHERE, { notBeforeMs: NOW_MS + DAY_MS }),
  odd('valid from this second', ANYWHERE, { notBeforeMs: NOW_MS }),
  odd('until 2049 in two digits', ANYWHERE, dates(FROM, utc('491231235959Z'))),
  odd('until 1950 in two digits', ANYWHERE, dates(FROM, utc('500101000000Z'))),
  odd('until 2050', ANYWHERE, dates(FROM, general('20500101000000Z'))),
  odd('until 9999', ANYWHERE, dates(FROM, general('99991231235959Z'))),
  odd('GeneralizedTime before 2050', ANYWHERE, dates(FROM, general('20490101000000Z'))),
  odd('from 1949 GeneralizedTime', ANYWHERE, dates(general('19490101000000Z'), TO)),
  odd('from 1970', ANYWHERE, dates(utc('700101000000Z'), TO)),
  odd('no seconds', ANYWHERE, dates(utc('2501010000Z'), TO)),
  odd('no Z', ANYWHERE, dates(utc('250101000000'), TO)),
  odd('offset', ANYWHERE, dates(utc('250101000000+0000'), TO)),
  odd('offset hours', ANYWHERE, dates(utc('250101000000+0100'), TO)),
  odd('fraction', ANYWHERE, dates(FROM, general('20490101000000.5Z'))),
  odd('comma fraction', ANYWHERE, dates(FROM, general('20490101000000,5Z'))),
  odd('30 February', ANYWHERE, dates(utc('250230000000Z'), TO)),
  odd('second 60', ANYWHERE, dates(utc('250101000060Z'), TO)),
  odd('hour 24', ANYWHERE, dates(utc('250101240000Z'), TO)),
  odd('ends before it begins', ANYWHERE, dates(TO, FROM)),
];
