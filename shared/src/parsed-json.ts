/** What a text of JSON says; undefined for one that is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // JSON.parse throws for whatever is no JSON.
    return undefined;
  }
}
