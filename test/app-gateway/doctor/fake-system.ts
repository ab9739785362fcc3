import type { DiskRoom, FileFacts, SystemView } from '@sallyport/app-gateway/doctor/system-view.ts';

/** A machine made of what a test says is there; folders come from the paths. */
export interface FakeMachine {
  readonly texts?: Readonly<Record<string, string>>;
  readonly facts?: Readonly<Record<string, Partial<FileFacts>>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly rooms?: Readonly<Record<string, DiskRoom>>;
}

const PLAIN: FileFacts = { kind: 'file', mode: 0o640, uid: 0, gid: 998, changedMs: 0 };

/** A system that knows what it was given and nothing else. */
export function fakeSystem({
  texts = {},
  facts = {},
  links = {},
  rooms = {},
}: FakeMachine): SystemView {
  const paths = [...Object.keys(texts), ...Object.keys(facts), ...Object.keys(links)];
  return {
    text: (path) => texts[path],
    facts: (path) => (facts[path] === undefined ? undefined : { ...PLAIN, ...facts[path] }),
    link: (path) => links[path],
    room: (folder) => rooms[folder],
    names: (folder) => {
      const below = paths.filter((path) => path.startsWith(`${folder}/`));
      return [...new Set(below.map((path) => path.slice(folder.length + 1).split('/')[0] ?? ''))];
    },
  };
}

/** `fault port`: what findings say at a glance. */
export function glance(
  findings: readonly { readonly level: string; readonly id: string }[],
): readonly string[] {
  return findings.map(({ level, id }) => `${level} ${id}`);
}
