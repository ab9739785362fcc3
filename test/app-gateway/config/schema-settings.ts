/** As far as our schemas use it. */
interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** Every setting that a file of this schema can have: `proxies[].listen[].port`. */
export function settingsOf(
  schema: { toJSONSchema(options: object): unknown },
  prefix: string,
): readonly string[] {
  const json = schema.toJSONSchema({ io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return [...new Set(leaves(json, prefix))];
}

function leaves(schema: JsonSchema, path: string): readonly string[] {
  const { properties, items, anyOf, oneOf } = schema;
  const choices = [...(anyOf ?? []), ...(oneOf ?? [])];
  const inner = [
    ...Object.entries(properties ?? {}).flatMap(([name, value]) =>
      leaves(value, path === '' || path.endsWith('.') ? `${path}${name}` : `${path}.${name}`),
    ),
    ...(items === undefined || !isGroup(items) ? [] : leaves(items, `${path}[]`)),
    ...choices.filter(isGroup).flatMap((choice) => leaves(choice, path)),
  ];
  return inner.length > 0 ? inner : [path];
}

/** Whether there are settings with names inside. */
function isGroup({ properties, items, anyOf, oneOf }: JsonSchema): boolean {
  if (properties !== undefined) return true;
  return [...(items ? [items] : []), ...(anyOf ?? []), ...(oneOf ?? [])].some(isGroup);
}
