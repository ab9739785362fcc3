import { dnsName, type SrvRecord } from './dns-record.ts';

/** A uniform whole number from 0 to `max`, both included: randomness as an input. */
export type RandomUpTo = (max: number) => number;

/** True for the single record that says: this service is not offered here (RFC 2782, Target). */
export function isNotOffered(records: readonly SrvRecord[]): boolean {
  const [first] = records;
  return (
    records.length === 1 && first !== undefined && (first.target === '.' || first.target === '')
  );
}

/**
 * SRV records in the order to try them: by priority, and by weighted draw within one (RFC 2782).
 *
 * Records without a usable target or port are left out, and those beyond `RECORDS_MAX`. Records of weight zero stand
 * first when a draw begins, which gives them the small chance the RFC wants.
 */
export function orderSrv(
  records: readonly SrvRecord[],
  randomUpTo: RandomUpTo,
): readonly SrvRecord[] {
  const usable = records
    .flatMap((record) => {
      const target = dnsName(record.target);
      return target && record.port > 0 ? [{ ...record, target }] : [];
    })
    .sort((a, b) => a.priority - b.priority)
    .slice(0, RECORDS_MAX);
  const priorities = [...new Set(usable.map((record) => record.priority))];
  return priorities.flatMap((priority) =>
    drawByWeight(
      usable.filter((record) => record.priority === priority),
      randomUpTo,
    ),
  );
}

function drawByWeight(records: readonly SrvRecord[], randomUpTo: RandomUpTo): SrvRecord[] {
  const left = records.toSorted((a, b) => Number(a.weight > 0) - Number(b.weight > 0));
  const drawn: SrvRecord[] = [];
  while (left.length > 0) {
    const sum = left.reduce((total, record) => total + record.weight, 0);
    const threshold = sum === 0 ? 0 : randomUpTo(sum);
    let running = 0;
    const chosen = left.findIndex((record) => {
      running += record.weight;
      return running >= threshold;
    });
    drawn.push(...left.splice(chosen, 1));
  }
  return drawn;
}

/** No company needs more; a stranger's zone may hold thousands. */
const RECORDS_MAX = 32;
