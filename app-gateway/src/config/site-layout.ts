/** Where the firewalls stand, as `site.yaml` and the command line say it. */
export const SITE_LAYOUTS = ['dual-dmz', 'single-dmz', 'standalone'] as const;

/** One of them. */
export type SiteLayout = (typeof SITE_LAYOUTS)[number];
