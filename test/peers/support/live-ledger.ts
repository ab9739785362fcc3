import assert from 'node:assert/strict';
import process from 'node:process';
import { auditVerifyCommand } from '@sallyport/app-gateway/cli/audit-verify-command.ts';
import type { VerifyReport } from '@sallyport/app-gateway/ledger/verify/verify-report.ts';
import { decodeRecord } from '@sallyport/shared/audit/record.ts';
import { AUDIT_TYPE } from '@sallyport/shared/audit/record-types.ts';
import type { PostgresServer } from './postgres-server.ts';

/** What the verifier says of the ledger of a gateway that runs; undefined: no checkpoint is signed yet. */
export async function verdict(gatewayBundle: string): Promise<VerifyReport | undefined> {
  const { json } = await auditVerifyCommand(
    undefined,
    { live: true, bundle: gatewayBundle },
    {
      folder: gatewayBundle,
      home: gatewayBundle,
      installed: gatewayBundle,
      bundle: undefined,
      operatorKey: undefined,
      input: process.stdin,
      messages: process.stderr,
      nowMs: Date.now,
    },
  );
  const { answer, error } = json as {
    readonly answer?: VerifyReport;
    readonly error?: { readonly code: string };
  };
  if (error?.code === 'record-not-signed') return undefined;
  assert.ok(answer !== undefined, JSON.stringify(json));
  return answer;
}

/** How many records the ledger has. */
export function recordsIn(database: PostgresServer): number {
  return Number(database.sql('sallyport', 'select count(*) from audit_entry'));
}

/** How many records tell of a request having arrived, by Call-ID. */
export function arrivalsIn(database: PostgresServer): Map<string, number> {
  const text = database.sql(
    'sallyport',
    'select call_id, count(*) from audit_entry where type in (20, 22) and call_id is not null group by call_id',
  );
  return new Map(
    text.split('\n').map((row) => {
      const [callId = '', count] = row.split('|');
      return [callId, Number(count)];
    }),
  );
}

/** How many records the gap records of the ledger say were left out. */
export function lostIn(database: PostgresServer): number {
  const text = database.sql(
    'sallyport',
    `select encode(record, 'hex') from audit_entry where type = ${AUDIT_TYPE.gap}`,
  );
  return text.split('\n').reduce((sum, hex) => {
    if (hex === '') return sum;
    const bytes = Buffer.from(hex, 'hex');
    const record = decodeRecord(bytes, 0, bytes.length);
    assert.ok(record.ok && record.value.type === 'gap');
    return sum + Number(record.value.fields.lostRecords);
  }, 0);
}
