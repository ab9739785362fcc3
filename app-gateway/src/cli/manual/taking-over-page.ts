import { TAKING_OVER, type TakingOver } from '../../config/taking-over.ts';

const BEGIN = '<!-- from the table of settings: begin -->';
const END = '<!-- from the table of settings: end -->';

/** The page about running it, its table of reload and restart made anew from the settings; the rest is kept. */
export function takingOverPage(page: string): string {
  const start = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (start < 0 || end < start) throw new Error(`docs/operations.md needs ${BEGIN} and ${END}`);
  return `${page.slice(0, start + BEGIN.length)}\n\n${table()}\n\n${page.slice(end)}`;
}

function table(): string {
  return [
    '| changed in `site.yaml` | gateways | proxies | besides |',
    '|---|---|---|---|',
    ...TAKING_OVER.map(
      ({ what, settings, gateways, proxies, note }) =>
        `| ${what}: ${shown(settings)} | ${GATEWAYS[gateways]} | ${PROXIES[proxies]} | ${note ?? ''} |`,
    ),
  ].join('\n');
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

function shown(settings: readonly string[]): string {
  return settings.map((setting) => `\`${setting}\``).join(', ');
}
