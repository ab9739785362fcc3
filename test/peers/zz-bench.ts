import { openPostgresStore } from '@sallyport/app-gateway/adapters/database/postgres-database.ts';
import { openEmbeddedStore } from '@sallyport/app-gateway/adapters/database/embedded-database.ts';
import { encodeRecord } from '@sallyport/shared/audit/record.ts';
import { DATABASE_NAME, PostgresServer } from './support/postgres-server.ts';
import process from 'node:process';
const total = Number(process.argv[2] ?? 200000), batch = Number(process.argv[3] ?? 4000), kind = process.argv[4] ?? 'pg';
let server: PostgresServer | undefined;
let store;
if (kind === 'pg') {
  server = await PostgresServer.open();
  server.createDatabase('bench');
  store = await openPostgresStore({ host: server.host, port: server.port, database: 'bench', user: 'sallyport', passwordFile: server.passwordFile, tls: 'verified', caFile: server.caFile, serverName: DATABASE_NAME, connectionsMax: 4 });
} else store = await openEmbeddedStore('/tmp/zz-pglite');
if (!store.ok) throw new Error(JSON.stringify(store));
const ledger = store.value.ledger;
const source = { node: 'edge-1', worker: 0, epoch: 77n };
let seq = 0;
const t0 = Date.now();
function make(n: number): Buffer {
  const out: Buffer[] = [];
  for (let i = 0; i < n; i++) {
    const s = seq++;
    if (s % 2 === 0) out.push(encodeRecord({ type: 'message-admitted', timeMs: t0 + (s / 20 | 0), seq: s, fields: {
      connection: 3, source: '192.0.2.7', sourcePort: 5061, direction: 'in', partner: 'partner-' + (s % 40), exchange: s, method: 'MESSAGE', requestUri: 'sip:bob@home.example', cseq: '1 MESSAGE', callId: `c${s}-a84b4c76e66710@pc33.acme.example`, from: `sip:user${s % 5000}@acme.example`, fromTag: '1928301774', to: 'sip:bob@home.example', serverTransaction: 'z9hG4bK776asdhds' + s, size: 500 } }));
    else out.push(encodeRecord({ type: 'message-answered', timeMs: t0 + (s / 20 | 0), seq: s, fields: { connection: 3, exchange: s - 1, requestSeq: s - 1, status: 200, toTag: 'a6c85cf', size: 300 , answeredBy: 'gateway' } }));
  }
  return Buffer.concat(out);
}
let spent = 0; const cpu0 = process.cpuUsage(); let bytes = 0;
let makeMs = 0;
for (let at = 0; at < total; at += batch) {
  const m = performance.now();
  const records = make(batch); bytes += records.length;
  const b = performance.now(); makeMs += b - m;
  // spans of about 16 KB
  const spans = []; let p = 0; let from = 0;
  while (p < records.length) { p += records.readUInt16BE(p); if (p - from > 16000 || p === records.length) { spans.push({ source, records: records.subarray(from, p) }); from = p; } }
  const done = await ledger.append(spans, Date.now());
  if (!done.ok) throw new Error(JSON.stringify(done));
  spent += performance.now() - b;
}
const cpu = process.cpuUsage(cpu0);
console.log(kind, { total, batch, perS: Math.round(total / spent * 1000), bytesPerRecord: bytes / total, makeMs: Math.round(makeMs), nodeCpuMs: Math.round((cpu.user + cpu.system) / 1000) });
for (const q of [{ callId: 'c100000-a84b4c76e66710@pc33.acme.example' }, { user: 'user77@acme.example', limit: 20 }, { partner: 'partner-7', limit: 50 }]) {
  for (let k = 0; k < 3; k++) {
    const s = performance.now();
    const r = await ledger.search({ order: 'newest-first', limit: 100, ...q });
    console.log(JSON.stringify(q), r.ok && r.value.length, (performance.now() - s).toFixed(1), 'ms');
  }
}
if (server) console.log(server.sql('bench', "select sum(pg_total_relation_size(c.oid))/count(distinct 1) as total, pg_size_pretty(sum(pg_total_relation_size(c.oid))) from pg_class c where relname like 'audit_entry_2%' and relkind='r'"), server.sql('bench', "select string_agg(indexrelname || ' ' || pg_size_pretty(pg_relation_size(indexrelid)), ', ') from pg_stat_user_indexes where relname like 'audit_entry_2%'"));
await store.value.close();
await server?.close();
