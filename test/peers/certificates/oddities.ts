import { constraintsOdd } from './odd-constraints.ts';
import { datesOdd } from './odd-dates.ts';
import { extensionsOdd } from './odd-extensions.ts';
import { keysOdd } from './odd-keys.ts';
import { namesOdd } from './odd-names.ts';
import { shapesOdd } from './odd-shapes.ts';
import { usageOdd } from './odd-usage.ts';
import type { Oddity } from './oddity.ts';

/** All that may be odd about a chain. */
export const ODDITIES: readonly Oddity[] = [
  ...datesOdd,
  ...keysOdd,
  ...usageOdd,
  ...constraintsOdd,
  ...extensionsOdd,
  ...namesOdd,
  ...shapesOdd,
];
