import type { Result } from '@sallyport/shared/result.ts';
import type { CutOffs } from '../config/cut-off.ts';
import type { Site } from '../config/site.ts';
import type { SiteProblem } from '../config/site-problem.ts';

/**
 * Port. Where the site's configuration comes from.
 *
 * Each call reads everything anew and gives a complete value or every problem found, so that a reload is one
 * swap of one reference, and a broken edit leaves the old configuration in force.
 */
export interface SiteSource {
  load(): Promise<Result<Site, readonly SiteProblem[]>>;
  /** Whom it cuts off, as far as that can be read: what `load` refuses need not be whole for it. */
  cutOffs(): Promise<CutOffs>;
}
