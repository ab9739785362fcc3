import type { NetworkPlan } from '../../plan/network-plan.ts';
import {
  type ChangedBundle,
  type TextChange,
  takenInOnce,
  waitsForRestart,
} from './bundle-steps.ts';
import { neighbourSteps } from './neighbour-steps.ts';

/** A file of a plan's folder that is no longer as it was. */
export interface ChangedFile {
  readonly path: string;
  readonly change: 'added' | 'removed' | 'changed';
}

/** What people have to do after a change of the site, in one line a place; before any text is compared. */
export function planSteps(
  before: NetworkPlan | undefined,
  after: NetworkPlan,
  files: readonly ChangedFile[],
  textOf: (path: string) => TextChange,
): readonly string[] {
  const names = (folder: string) => [
    ...new Set(files.flatMap(({ path }) => nameBelow(folder, path) ?? [])),
  ];
  const of = (folder: string, name: string) =>
    files.filter(({ path }) => path.startsWith(`${folder}/${name}/`));
  const renamed = renamedHosts(before, after);
  const firewalls = [after, before].flatMap((plan) =>
    (plan?.firewalls ?? []).map(({ name }) => name).toReversed(),
  );
  const innermostFirst = (a: string, b: string) => firewalls.indexOf(a) - firewalls.indexOf(b);
  const isRenamed = (name: string) => renamed.some(({ from, to }) => name === from || name === to);
  return [
    ...renamed.map(
      ({ from, to }) =>
        `host ${from} is called ${to} now: load its rules and bundles from hosts/${to}; nothing there has to stop`,
    ),
    ...names('firewalls')
      .toSorted(innermostFirst)
      .flatMap((name) => step(`firewall ${name}`, firewallSteps(of('firewalls', name)))),
    ...names('hosts')
      .filter((name) => !isRenamed(name))
      .flatMap((name) => step(`host ${name}`, hostSteps(name, of('hosts', name), textOf))),
    ...names('balancers').flatMap((name) =>
      step(`balancer ${name}`, balancerSteps(of('balancers', name))),
    ),
    ...neighbourSteps(before, after),
  ];
}

/** A host that has another name now would look like one that went and one that came. */
function renamedHosts(
  before: NetworkPlan | undefined,
  after: NetworkPlan,
): readonly { readonly from: string; readonly to: string }[] {
  const known = new Set(after.hosts.map(({ name }) => name));
  const old = new Set(before?.hosts.map(({ name }) => name));
  return (before?.hosts ?? [])
    .filter(({ name }) => !known.has(name))
    .flatMap((gone) =>
      after.hosts
        .filter(
          ({ name, addresses, nodes }) =>
            !old.has(name) &&
            addresses.join() === gone.addresses.join() &&
            nodes.join() === gone.nodes.join(),
        )
        .map(({ name }) => ({ from: gone.name, to: name })),
    );
}

function step(place: string, what: readonly string[]): readonly string[] {
  return what.length === 0 ? [] : [`${place}: ${what.join('; ')}`];
}

function firewallSteps(files: readonly ChangedFile[]): readonly string[] {
  const rules = files.find(({ path }) => path.endsWith('/nftables.conf'));
  if (rules?.change === 'added') return ['is new: load nftables.conf'];
  if (rules?.change === 'removed') return ['is no longer in the plan: take its rules away'];
  return files.length === 0 ? [] : ['load its rules again'];
}

function hostSteps(
  name: string,
  files: readonly ChangedFile[],
  textOf: (path: string) => TextChange,
): readonly string[] {
  const own = files.find(({ path }) => path === `hosts/${name}/nftables.conf`);
  if (own?.change === 'added') return ['is new: go through checklist.md for it'];
  if (own?.change === 'removed')
    return ['is no longer in the plan: stop what runs there, take rules and bundles away'];
  const nodes = [...new Set(files.flatMap(({ path }) => nodeOf(name, path) ?? []))];
  const kernel = files.find(({ path }) => path === `hosts/${name}/sysctl.conf`);
  return [
    ...(own === undefined ? [] : ['load its rules again']),
    ...(kernel === undefined ? [] : [kernelStep(kernel.change)]),
    ...nodes.flatMap((node) => nodeSteps(node, files, `hosts/${name}/${node}/`, textOf)),
  ];
}

/** Before any restart: without it the port cannot be opened. */
function kernelStep(change: ChangedFile['change']): string {
  return change === 'removed'
    ? 'no port below 1024 any more: remove /etc/sysctl.d/61-sallyport-ports.conf, in force with the next boot'
    : 'put sysctl.conf in place, as checklist.md says';
}

function nodeSteps(
  node: string,
  all: readonly ChangedFile[],
  folder: string,
  textOf: (path: string) => TextChange,
): readonly string[] {
  const files = all.filter(({ path }) => path.startsWith(folder));
  const settings = files.find(({ path }) => /\/(?:proxy|gateway)\.json$/.test(path));
  if (settings?.change === 'added') return [`${node} is new here: install its bundle and start it`];
  if (settings?.change === 'removed')
    return [`${node} is no longer here: stop it and take its bundle away`];
  const bundle: ChangedBundle = {
    role: textOf(`${folder}proxy.json`).after === undefined ? 'gateway' : 'proxy',
    changed: files.map(({ path }) => path.slice(folder.length)),
    textOf: (path) => textOf(`${folder}${path}`),
  };
  const [waiting, past] = [waitsForRestart(bundle), takenInOnce(bundle)];
  const what = waiting.length === 0 ? 'reload it' : `restart it (${waiting.join(', ')})`;
  return [
    `new bundle of ${node}, then ${what}`,
    ...(past.length === 0
      ? []
      : [`once it has run, its database holds ${past.join(', ')}: change that by command`]),
  ];
}

function balancerSteps(files: readonly ChangedFile[]): readonly string[] {
  const [first] = files;
  if (files.every(({ change }) => change === 'removed')) {
    return ['its configuration is no longer in the plan'];
  }
  return first === undefined ? [] : ['new configuration, then reload it'];
}

function nameBelow(folder: string, path: string): string | undefined {
  const [first, name, ...rest] = path.split('/');
  return first === folder && rest.length > 0 ? name : undefined;
}

function nodeOf(host: string, path: string): string | undefined {
  const [, name, node, ...rest] = path.split('/');
  return name === host && rest.length > 0 ? node : undefined;
}
