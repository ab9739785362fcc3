import type { ParsedSite } from './parse-site.ts';
import type { SettingPath, SiteProblem } from './site-problem.ts';
import type { YamlFile } from './yaml-file.ts';

/** Names are unique, and what is referred to by name exists. */
export function checkNames(parsed: ParsedSite): readonly SiteProblem[] {
  const { source, content } = parsed.site;
  const nodes: readonly Named[] = [
    ...content.proxies.map((proxy, at) => named(source, ['proxies', at, 'node'], proxy.node)),
    ...content.gateways.map((gateway, at) => named(source, ['gateways', at, 'node'], gateway.node)),
  ];
  const identities = content.identities.map((identity, at) =>
    named(source, ['identities', at, 'name'], identity.name),
  );
  const serverNames = content.identities.flatMap((identity, at) =>
    identity.serverNames.map((name, index) =>
      named(source, ['identities', at, 'serverNames', index], name),
    ),
  );
  const communities = content.communities.map((community, at) =>
    named(source, ['communities', at, 'id'], community.id),
  );
  const partners = parsed.partners.map(({ source: file, content: partner }) =>
    named(file, ['id'], partner.id),
  );
  return [
    ...[nodes, identities, serverNames, communities, partners].flatMap(duplicates),
    ...partnerReferences(parsed),
  ];
}

interface Named {
  readonly source: YamlFile;
  readonly path: SettingPath;
  readonly name: string;
}

function named(source: YamlFile, path: SettingPath, name: string): Named {
  return { source, path, name };
}

function duplicates(list: readonly Named[]): readonly SiteProblem[] {
  const seen = new Set<string>();
  return list.flatMap(({ source, path, name }) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [source.problem('error', path, `"${name}" is used twice; names must be unique`)];
  });
}

function partnerReferences({ site, partners }: ParsedSite): readonly SiteProblem[] {
  const identities = site.content.identities.map((identity) => identity.name);
  return partners.flatMap(({ source, content }) => {
    const problems: SiteProblem[] = [];
    if (source.file !== `partners/${content.id}.yaml`) {
      const message = `partner "${content.id}" must stand in partners/${content.id}.yaml`;
      problems.push(source.problem('error', ['id'], message));
    }
    if (content.ownIdentity !== undefined && !identities.includes(content.ownIdentity)) {
      const message = `no identity "${content.ownIdentity}" in site.yaml; there are: ${identities.join(', ')}`;
      problems.push(source.problem('error', ['ownIdentity'], message));
    }
    return problems;
  });
}
