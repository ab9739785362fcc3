import { err, ok, type Result } from '@sallyport/shared/result.ts';
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from 'yaml';
import { formatSettingPath, type SettingPath, type SiteProblem } from './site-problem.ts';

/** A parsed YAML file that still knows on which line each setting stands. */
export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  /** A problem with a setting, or with the nearest thing above it that exists in the file. */
  problem(severity: SiteProblem['severity'], path: SettingPath, message: string): SiteProblem;
}

/**
 * Parses one YAML 1.2 file. Duplicate keys, unknown tags and a second document are errors: each of them
 * would mean that an operator reads one thing and the program another.
 */
export function parseYamlFile(
  file: string,
  text: string,
): Result<YamlFile, readonly SiteProblem[]> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    return err(
      faults.map((fault) => ({
        severity: 'error',
        file,
        ...positionOf(lines, fault.pos[0]),
        path: '',
        message: `not valid YAML: ${faultWords(fault, text)}`,
      })),
    );
  }
  try {
    return ok(yamlFile(file, document.toJS(), document, lines));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'unreadable';
    return err([{ severity: 'error', file, path: '', message: `not valid YAML: ${message}` }]);
  }
}

/** A key that stands twice is named: the parser says only that there is one. */
function faultWords({ code, message, pos }: YAMLError, text: string): string {
  if (code !== 'DUPLICATE_KEY') return message;
  const key = /^[^\s:]{1,64}/.exec(text.slice(pos[0]))?.[0];
  return key === undefined ? message : `${key} stands here a second time`;
}

function yamlFile(
  file: string,
  value: unknown,
  document: Document.Parsed,
  lines: LineCounter,
): YamlFile {
  return {
    file,
    value,
    problem: (severity, path, message) => ({
      severity,
      file,
      ...positionOf(lines, offsetOf(document.contents, path)),
      path: formatSettingPath(path),
      message,
    }),
  };
}

function offsetOf(contents: Node | null, path: SettingPath): number {
  let node: unknown = contents;
  let offset = contents?.range?.[0] ?? 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
      if (pair === undefined) return offset;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      if (!isNode(node)) return offset;
      offset = node.range?.[0] ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function positionOf(lines: LineCounter, offset: number): { line: number; column: number } {
  const position = lines.linePos(offset);
  return { line: position.line, column: position.col };
}
