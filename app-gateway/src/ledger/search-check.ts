import { ok, type Result } from '@sallyport/shared/result.ts';
import type { LedgerFailure } from '../ports/ledger-store.ts';
import type { NotedDay, SearchedTables, StrayRow } from '../ports/searched-tables.ts';
import type { DayClaim } from './day-tally.ts';
import { walkRows } from './row-walk.ts';
import { type Finding, FindingList } from './verify/finding.ts';

/** Where a comparison goes on. */
export interface SearchCheckPlace {
  /** Next index. */
  readonly at: number;
  /** So many records there were when it began, and so the newest day was noted then. */
  readonly size: number;
  readonly last?: DayClaim | undefined;
  /** What was counted so far of the day at hand. */
  readonly counted?: DayClaim | undefined;
}

/** A piece of a comparison; `place` is where it goes on, absent after the last one. */
export interface SearchCheckPage {
  /** Records whose rows were compared. */
  readonly compared: number;
  readonly findings: readonly Finding[];
  /** Findings beyond fifty of a code. */
  readonly leftOut: number;
  readonly place?: SearchCheckPlace;
}

const PLACES_A_PAGE = 1000;

/**
 * Compares what searches and statistics read with what the records say: each record's row, in its day; no row beside;
 * each day's bounds and its counts.
 *
 * That the records are those of the tree is for the verifier to prove. The first piece looks at the tables as a whole, each
 * other one at a thousand places; nothing is kept here in between.
 */
export async function searchCheckPage(
  tables: SearchedTables,
  place: SearchCheckPlace | undefined,
): Promise<Result<SearchCheckPage, LedgerFailure>> {
  if (place === undefined) return firstPage(tables);
  const { at: from, size, last, counted } = place;
  const to = Math.min(size, from + PLACES_A_PAGE);
  const rows = await tables.rows(from, to);
  if (!rows.ok) return rows;
  const findings = new FindingList();
  const walked = walkRows({ from, to, size, counted }, rows.value, findings);
  for (const tally of walked.finished) {
    if (tally.day === last?.day) tally.compare(last, findings);
    else {
      const noted = await tables.noted(tally.day);
      if (!noted.ok) return noted;
      // It may have been dropped meanwhile.
      if (noted.value === undefined) continue;
      addStrays(noted.value.strayRows, findings);
      tally.compare(claimOf(noted.value), findings);
    }
  }
  const { at, compared } = walked;
  const next = {
    at,
    size,
    ...(last && { last }),
    ...(walked.counted && { counted: walked.counted }),
  };
  return ok(page(compared, findings, at < size ? next : undefined));
}

/** Two pieces as one. */
export function joinedChecks(earlier: SearchCheckPage, later: SearchCheckPage): SearchCheckPage {
  const findings = new FindingList();
  for (const { severity, text, code, ...place } of [...earlier.findings, ...later.findings]) {
    findings.add(code, place);
  }
  const joined = page(earlier.compared + later.compared, findings, later.place);
  return { ...joined, leftOut: earlier.leftOut + later.leftOut + joined.leftOut };
}

/** Days follow each other from the first record to the last, and nothing is outside of them. */
async function firstPage(tables: SearchedTables): Promise<Result<SearchCheckPage, LedgerFailure>> {
  const standing = await tables.standing();
  if (!standing.ok) return standing;
  const { size, days, last, strayRows, strayCounts } = standing.value;
  const findings = new FindingList();
  let end = 0;
  for (const { day, firstIndex, endIndex } of days) {
    if (firstIndex !== end || endIndex <= firstIndex) {
      findings.add('day-changed', { detail: `${day}, first_index or end_index` });
    }
    end = endIndex;
  }
  if (end !== size) {
    findings.add('day-changed', { detail: `days end at ${end}, the ledger at ${size}` });
  }
  addStrays([...strayRows, ...(last?.strayRows ?? [])], findings);
  for (const day of strayCounts) {
    findings.add('counts-changed', { detail: `${day}, of which there are no records` });
  }
  const next = { at: 0, size, ...(last && { last: claimOf(last) }) };
  return ok(page(0, findings, size > 0 ? next : undefined));
}

function addStrays(strays: readonly StrayRow[], findings: FindingList): void {
  for (const { index, day } of strays) findings.add('row-astray', { index, detail: day });
}

function claimOf({ day: { day, firstMs, lastMs, recordBytes }, counts }: NotedDay): DayClaim {
  return { day, firstMs, lastMs, recordBytes, counts };
}

function page(
  compared: number,
  findings: FindingList,
  place: SearchCheckPlace | undefined,
): SearchCheckPage {
  const { all, leftOut } = findings;
  return { compared, findings: all, leftOut, ...(place !== undefined && { place }) };
}
