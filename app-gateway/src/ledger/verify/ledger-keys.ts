import type { LedgerKeys } from './pack-format.ts';

const KEY = /^[A-Za-z0-9+/]{43}=$/;
const DAY = /^\d{4}-\d\d-\d\d$/;
const WITNESSES_MAX = 1000;

/** Whether a JSON value is a set of keys: the ledger's and its witnesses', 32 octets each. */
export function isLedgerKeys(value: unknown): value is LedgerKeys {
  if (typeof value !== 'object' || value === null) return false;
  const {
    origin,
    ledger,
    witnesses,
    former = {},
  } = value as Partial<Record<keyof LedgerKeys, unknown>>;
  if (typeof origin !== 'string' || !isKey(ledger)) return false;
  if (typeof witnesses !== 'object' || witnesses === null) return false;
  if (typeof former !== 'object' || former === null) return false;
  if (
    !Object.entries(former).every(([node, day]) => Object.hasOwn(witnesses, node) && isDay(day))
  ) {
    return false;
  }
  const keys = Object.values(witnesses);
  return keys.length <= WITNESSES_MAX && keys.every(isKey);
}

function isKey(value: unknown): value is string {
  return typeof value === 'string' && KEY.test(value);
}

function isDay(value: unknown): boolean {
  return typeof value === 'string' && DAY.test(value) && Number.isFinite(Date.parse(value));
}
