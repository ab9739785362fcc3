import type { WrittenFields } from '@sallyport/shared/audit/record-writer.ts';

/** What all records about messages of one connection begin with, by direction: fields as they are written. */
export interface ConnectionEnds {
  readonly fromPartner: WrittenFields;
  readonly toPartner: WrittenFields;
}
