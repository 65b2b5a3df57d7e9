import type { Type } from './avsc.ts';

/** Where schemas of other writers come from. Fails with `registry-unavailable`, `registry-refused` or `schema-unknown`. */
export interface SchemaSource {
  typeOf(id: number): Promise<Type>;
}
