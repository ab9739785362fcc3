import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import {
  type SearchCheckPlace,
  searchCheckPage,
} from '@sallyport/app-gateway/ledger/search-check.ts';
import type { LedgerStore } from '@sallyport/app-gateway/ports/ledger-store.ts';
import { callIdAt, EPOCH, recordAt } from './src/ledger-records.ts';
import { LEDGER_OPTIONS, openLedgerStore } from './src/ledger-store.ts';

/**
 * How long a search by Call-ID takes in a large ledger: the first one after the records were written, those that follow,
 * and the first ones of a program that has just connected; and how long it takes to compare all rows with their records.
 *
 * `node bench/audit-search.ts --records 10000000 --socket FOLDER [--port 5432 --database bench --user me]`. With `--records 0`
 * it searches what an earlier run has written; with `--days 1000` they came on as many days.
 */
const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '1000000' },
    days: { type: 'string', default: '1' },
    ...LEDGER_OPTIONS,
  },
});
const RECORDS = Number(values.records);
const DAYS = Number(values.days);
const DAY_MS = 86_400_000;
const BATCH = Math.min(8000, Math.ceil(RECORDS / DAYS));
/** A gateway tidies up once a minute. */
const TIDY_EVERY_MS = 60_000;
const RUNS = 6;

async function write(ledger: LedgerStore): Promise<void> {
  const startMs = performance.now();
  const firstMs = Date.now() - (DAYS - 1) * DAY_MS;
  const source = { node: 'edge-1', worker: 0, epoch: EPOCH };
  let tidiedMs = startMs;
  for (let first = 0; first < RECORDS; first += BATCH) {
    const count = Math.min(BATCH, RECORDS - first);
    const wallMs = firstMs + Math.floor((first / RECORDS) * DAYS) * DAY_MS;
    const records = Array.from({ length: count }, (_, at) =>
      recordAt(first + at, wallMs + (first + at) / 20),
    );
    const done = await ledger.append([{ source, records: Buffer.concat(records) }], wallMs);
    if (!done.ok) throw new Error(JSON.stringify(done.error));
    if (performance.now() - tidiedMs < TIDY_EVERY_MS) continue;
    await tidy(ledger);
    tidiedMs = performance.now();
  }
  const tookS = (performance.now() - startMs) / 1000;
  console.log(`${RECORDS} records written, ${Math.round(RECORDS / tookS)} a second`);
}

async function tidy(ledger: LedgerStore): Promise<void> {
  const startMs = performance.now();
  const done = await ledger.tidy();
  if (!done.ok) throw new Error(JSON.stringify(done.error));
  console.log(`tidied up in ${(performance.now() - startMs).toFixed(0)} ms`);
}

async function search(ledger: LedgerStore, what: string): Promise<void> {
  const head = await ledger.head();
  if (!head.ok) throw new Error(JSON.stringify(head.error));
  const took: string[] = [];
  const referred: string[] = [];
  for (let run = 0; run < RUNS; run++) {
    const callId = callIdAt(1 + 2 * randomInt(Math.floor(head.value.size / 2)));
    const startMs = performance.now();
    const found = await ledger.search({ callIds: [callId], order: 'newest-first', limit: 100 });
    took.push((performance.now() - startMs).toFixed(1));
    if (!found.ok || found.value.length !== 1) throw new Error(`${callId} is not there once`);
    const answersMs = performance.now();
    const answers = await ledger.referring(found.value);
    referred.push((performance.now() - answersMs).toFixed(1));
    if (!answers.ok || answers.value.length !== 1) throw new Error(`${callId} has not one answer`);
  }
  console.log(`by Call-ID, ${what}: ${took.join(', ')} ms; its answer: ${referred.join(', ')} ms`);
}

/** How long a gateway has to note what can be searched for on days that are over. */
async function digest(ledger: LedgerStore): Promise<void> {
  const startMs = performance.now();
  let pieces = 0;
  let longestMs = 0;
  for (let isMore = true; isMore; pieces++) {
    const pieceMs = performance.now();
    const done = await ledger.digestDays();
    if (!done.ok) throw new Error(JSON.stringify(done.error));
    isMore = done.value;
    longestMs = Math.max(longestMs, performance.now() - pieceMs);
  }
  const tookS = (performance.now() - startMs) / 1000;
  console.log(
    `days noted in ${tookS.toFixed(1)} s, ${longestMs.toFixed(0)} ms the longest of ${pieces} pieces`,
  );
}

/** How fast rows are compared with their records, and for how long one piece takes. */
async function compare({ searched }: LedgerStore): Promise<void> {
  const startMs = performance.now();
  let longestMs = 0;
  let compared = 0;
  let place: SearchCheckPlace | undefined;
  do {
    const pieceMs = performance.now();
    const page = await searchCheckPage(searched, place);
    if (!page.ok || page.value.findings.length > 0) throw new Error(JSON.stringify(page));
    longestMs = Math.max(longestMs, performance.now() - pieceMs);
    compared += page.value.compared;
    place = page.value.place;
  } while (place !== undefined);
  const perS = Math.round((compared * 1000) / (performance.now() - startMs));
  console.log(`rows compared: ${perS} a second, ${longestMs.toFixed(0)} ms the longest thousand`);
}

const store = await openLedgerStore(values);
if (RECORDS > 0) {
  await write(store.ledger);
  await search(store.ledger, 'just written');
}
await digest(store.ledger);
await search(store.ledger, 'days noted');
await compare(store.ledger);
await store.close();
if (values.socket !== undefined) {
  const again = await openLedgerStore(values);
  await search(again.ledger, 'just connected');
  await again.close();
}
