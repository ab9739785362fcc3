/** What records can be written as. */
export const EXPORT_FORMATS = ['jsonl', 'csv', 'rfc6873', 'pack'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
