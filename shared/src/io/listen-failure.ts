/** Why a port could not be opened, and which; a log line's fields. */
export interface ListenFailure {
  readonly code: string;
  readonly address?: string;
  readonly port?: number;
}

/** What the system said about a port: its error names the address that was asked for. */
export function listenFailure(cause: unknown): ListenFailure {
  if (!(cause instanceof Error)) return { code: 'unknown' };
  const { code, address, port } = cause as NodeJS.ErrnoException & {
    readonly address?: unknown;
    readonly port?: unknown;
  };
  return {
    code: code ?? 'unknown',
    ...(typeof address === 'string' && { address }),
    ...(typeof port === 'number' && { port }),
  };
}

/** Whether an error is about a port at all, and no fault of ours. */
export function isListenFailure(cause: unknown): boolean {
  return cause instanceof Error && 'syscall' in cause && LISTEN_CALLS.has(cause.syscall);
}

const LISTEN_CALLS: ReadonlySet<unknown> = new Set(['listen', 'bind']);
