import { z } from 'zod';
import type { Force } from '../domain/exchange/actor.ts';
import { UNUSED_DAYS_DEFAULT } from '../domain/exchange/sighting/latest-use.ts';
import { reason } from './parameter-schema.ts';

/** What a request may say of an officer’s way past a safeguard. */
export const forceShape = { force: z.boolean().optional(), reason: reason.optional() };

/** Without a reason the decision refuses, and says so. */
export function forceOf(given: {
  readonly force?: boolean | undefined;
  readonly reason?: string | undefined;
}): Force | undefined {
  return given.force === true ? { reason: given.reason ?? '' } : undefined;
}

/** What a request to give something up may say. */
export const retireShape = { unusedDays: z.int().min(1).max(365).optional(), ...forceShape };

/** How long it must be out of use, and whether that is passed over. */
export function retirementOf(given: {
  readonly unusedDays?: number | undefined;
  readonly force?: boolean | undefined;
  readonly reason?: string | undefined;
}): { readonly unusedDays: number; readonly force?: Force } {
  const force = forceOf(given);
  const { unusedDays = UNUSED_DAYS_DEFAULT } = given;
  return { unusedDays, ...(force !== undefined && { force }) };
}
