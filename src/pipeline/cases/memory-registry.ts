import type { Registry } from '../../avro/registry.ts';
import { ownType } from '../../avro/types.ts';
import { DownlinkError } from '../../errors.ts';

/** Ids as a schema registry gives them: one for each schema, whatever its subjects. */
export function memoryRegistry(): Registry {
  const schemas: string[] = [];
  return {
    register: (_, schema) => {
      if (!schemas.includes(schema)) schemas.push(schema);
      return Promise.resolve(schemas.indexOf(schema) + 1);
    },
    typeOf: (id) => {
      const schema = schemas[id - 1];
      if (schema !== undefined) return Promise.resolve(ownType(schema));
      return Promise.reject(new DownlinkError('schema-unknown', `no schema has the id ${id}`));
    },
  };
}
