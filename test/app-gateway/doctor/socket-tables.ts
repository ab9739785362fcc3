import type { SocketTables } from '@sallyport/app-gateway/doctor/listening-sockets.ts';

/** One row of a table of sockets: `0100007F:1F90`, state, inode. */
export type SocketRow = readonly [local: string, state: string, inode: string];

const HEADING =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';

/** Tables as the kernel prints them. */
export function socketTables(
  rows: Partial<Record<keyof SocketTables, readonly SocketRow[]>>,
): SocketTables {
  const table = (name: keyof SocketTables) =>
    [HEADING, ...(rows[name] ?? []).map(lineOf)].join('\n');
  return { tcp: table('tcp'), tcp6: table('tcp6'), udp: table('udp'), udp6: table('udp6') };
}

function lineOf([local, state, inode]: SocketRow, at: number): string {
  const zero = local.replace(/[0-9A-F]/g, '0');
  return `${String(at).padStart(4)}: ${local} ${zero} ${state} 00000000:00000000 00:00000000 00000000   998        0 ${inode} 1 000000002a0c4b06 100 0 0 10 0`;
}
