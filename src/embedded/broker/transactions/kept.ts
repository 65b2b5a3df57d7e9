/** Where the coordinator's state lasts. */
export interface Kept {
  append(entries: readonly { readonly key: string; readonly value: string | null }[]): Promise<void>;
  read(): Iterable<{ readonly key: string; readonly value: string | null }>;
}
