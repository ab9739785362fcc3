import { TAKING_OVER, type TakingOver } from '../../config/taking-over.ts';
import { markdownTable, shownSettings, withPart } from './page-part.ts';

/** The page about running it, its table of reload and restart made anew from the settings; the rest is kept. */
export function takingOverPage(page: string): string {
  return withPart(page, 'docs/operations.md', 'table of settings', table());
}

function table(): string {
  return markdownTable(
    ['changed in `site.yaml`', 'gateways', 'proxies', 'besides'],
    TAKING_OVER.map(({ what, settings, gateways, proxies, note = '' }) => [
      `${what}: ${shownSettings(settings)}`,
      GATEWAYS[gateways],
      PROXIES[proxies],
      note,
    ]),
  );
}

const GATEWAYS: Readonly<Record<TakingOver['gateways'], string>> = {
  reload: 'reload',
  restart: '**restart**',
  commands: 'with a database: by command, the files are read at the first start; else reload',
  'new-site': 'a new site',
};
const PROXIES: Readonly<Record<TakingOver['proxies'], string>> = {
  follow: 'follow by themselves',
  restart: 'new bundle, **restart**',
  nothing: '',
};
