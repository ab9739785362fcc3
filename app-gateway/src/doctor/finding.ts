/** How bad something is; `unknown`: it could not be looked at. */
export type Level = 'fault' | 'warning' | 'unknown' | 'notice' | 'ok';

/** Something that was looked at on a host. */
export interface Finding {
  /** What was looked at; the same on every host and in every version. */
  readonly id: string;
  readonly level: Level;
  /** What was seen, in words. */
  readonly what: string;
  /** File, setting, port or process. */
  readonly where: string;
  /** What to do about it; empty where nothing is to be done. */
  readonly next: string;
}

/** From the worst to what is right. */
export const LEVELS: readonly Level[] = ['fault', 'warning', 'unknown', 'notice', 'ok'];

/** Something that is as it should be. */
export function fine(id: string, where: string, what: string): Finding {
  return { id, level: 'ok', what, where, next: '' };
}

/** Something that could not be looked at, and why. */
export function unknown(id: string, where: string, what: string, next = ''): Finding {
  return { id, level: 'unknown', what, where, next };
}

/** Right, or what is wrong with it. */
export function judged(
  isRight: boolean,
  right: { readonly id: string; readonly where: string; readonly what: string },
  otherwise: { readonly level: Level; readonly next: string },
): Finding {
  return { ...right, ...(isRight ? { level: 'ok', next: '' } : otherwise) };
}
