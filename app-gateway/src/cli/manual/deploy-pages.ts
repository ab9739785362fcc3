import { parseSite } from '../../config/parse-site.ts';
import { makePlan } from '../../plan/make-plan.ts';
import type { NetworkPlan } from '../../plan/network-plan.ts';
import { diagram } from '../../plan/render/diagram.ts';
import { portMatrix } from '../../plan/render/port-matrix.ts';
import { PRESET_NAMES, type PresetName, type SitePreset, sitePreset } from '../site/site-preset.ts';
import { siteTemplate } from '../site/site-template.ts';

/** A file of `docs/deploy`. */
export interface DeployPage {
  readonly file: string;
  readonly text: string;
}

/** A page and a diagram for each preset, out of what `plan --preset` writes; no key is made for it. */
export function deployPages(): readonly DeployPage[] {
  return PRESET_NAMES.flatMap((name) => {
    const plan = presetPlan(name);
    return [
      { file: `${name}.md`, text: page(sitePreset(name), plan) },
      { file: `${name}.svg`, text: diagram(plan) },
    ];
  });
}

/** The plan of a preset's example site. */
export function presetPlan(name: PresetName): NetworkPlan {
  const preset = sitePreset(name);
  const text = siteTemplate({
    layout: preset.layout,
    name: 'acme',
    domains: ['acme.example'],
    publicHost: 'sip.acme.example',
    preset,
  });
  const { parsed } = parseSite({ file: 'site.yaml', text }, []);
  const made = parsed === undefined ? undefined : makePlan(parsed);
  if (made?.ok !== true) throw new Error(`the preset ${name} has no plan`);
  return made.value.plan;
}

function page(preset: SitePreset, plan: NetworkPlan): string {
  const { name, layout, summary, original, database, balancer } = preset;
  const [title = '', ...matrix] = portMatrix(plan).split('\n');
  return `${[
    `# Deploy: ${name}`,
    summary,
    [
      '```',
      `sallyport plan --preset ${name} --out example     # example/site and example/plan`,
      `sallyport init site --preset ${name} --domain acme.example --site acme`,
      'sallyport plan site --out plan                    # after site/site.yaml names your networks',
      '```',
    ].join('\n'),
    `Layout \`${layout}\`. ${database === undefined ? 'The one gateway keeps everything in its own database.' : `PostgreSQL on ${database.host}: \`database/\` in the site’s folder has its certificate, key and the password that gateways use.`}${balancer === undefined ? '' : ` ${balancer.host} shares partners’ IPv4 connections among the proxies and tells them the partners’ addresses; IPv6 reaches the proxies as it is, by a DNS record each.`}`,
    ...(original === '' ? [] : [`Compared with the product that this one follows: ${original}.`]),
    `![${name}](${name}.svg)`,
    '## Machines',
    machines(plan),
    title.replace(/^# /, '## '),
    matrix
      .map((line) => line.replace(/^## /, '### '))
      .join('\n')
      .trim(),
    'This page and its diagram are made by `npm run manual`; a test fails while they are not what the preset says.',
  ].join('\n\n')}\n`;
}

function machines({ hosts }: NetworkPlan): string {
  const own = hosts.filter(
    ({ nodes, roles }) =>
      nodes.length > 0 || roles.includes('database') || roles.includes('balancer'),
  );
  return own
    .map(({ name, zone, roles, nodes }) => {
      const runs = nodes.length === 0 ? '' : `, runs ${nodes.join(' and ')}`;
      return `- \`${name}\` in ${zone}: ${roles.join(' and ')}${runs}`;
    })
    .join('\n');
}
