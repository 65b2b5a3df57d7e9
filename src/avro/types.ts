import { Type, types } from './avsc.ts';
import { Float32Column } from './float32-column.ts';

/** The type that records are read as and written from: columns are typed arrays. */
export const ownType = (schema: string): Type =>
  Type.forSchema(JSON.parse(schema) as Parameters<typeof Type.forSchema>[0], {
    logicalTypes: { 'float32-column': Float32Column },
  });

/**
 * Throws where a foreign schema holds arrays of items that take no bytes: their counts could not be told from lies, and
 * every other count is checked against the bytes that are left.
 */
export function refuseWeightlessItems(type: Type, seen = new Set<Type>()): void {
  if (seen.has(type)) return;
  seen.add(type);
  if (type instanceof types.ArrayType && leastBytes(type.itemsType) === 0) {
    throw new Error('an array of items that take no bytes');
  }
  for (const part of partsOf(type)) refuseWeightlessItems(part, seen);
}

function partsOf(type: Type): readonly Type[] {
  if (type instanceof types.ArrayType) return [type.itemsType];
  if (type instanceof types.MapType) return [type.valuesType as Type];
  if (type instanceof types.RecordType) return type.fields.map((field) => field.type);
  if (type instanceof types.LogicalType) return [type.underlyingType];
  if (type instanceof types.UnwrappedUnionType || type instanceof types.WrappedUnionType) return type.types;
  return [];
}

/** The fewest bytes that a value takes; 0 only where that is possible. */
function leastBytes(type: Type, within = new Set<Type>()): number {
  if (type instanceof types.NullType) return 0;
  if (type instanceof types.FixedType) return type.size;
  if (type instanceof types.LogicalType) return leastBytes(type.underlyingType, within);
  if (!(type instanceof types.RecordType)) return 1;
  // A record that holds itself without a way out has no finite value at all.
  if (within.has(type)) return 1;
  within.add(type);
  const least = type.fields.reduce((sum, field) => sum + leastBytes(field.type, within), 0);
  within.delete(type);
  return least;
}
