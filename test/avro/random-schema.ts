/** Numbers that a seed gives, from 0 up to but not including `below`. */
export type Dice = (below: number) => number;

type JsonObject = Readonly<Record<string, unknown>>;
type Json = string | readonly Json[] | JsonObject;

const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const;
const defaults: Readonly<Record<string, unknown>> = { int: 1, long: 2, double: 1.5, string: 's', boolean: true };

/** A writer's schema, and a reader's that is it with some changes. */
export function randomPair(dice: Dice): { writer: JsonObject; reader: JsonObject } {
  const writer = randomRecord(dice, 2, { next: 0 });
  return { writer, reader: changedObject(writer, dice) };
}

const oneOf = <T>(dice: Dice, list: readonly [T, ...T[]]): T => list[dice(list.length)] ?? list[0];

function randomRecord(dice: Dice, depth: number, names: { next: number }): JsonObject {
  const name = `N${names.next++}`;
  const fields = ['a', 'b', 'c'].slice(0, 1 + dice(3)).map((field) => {
    const type = depth > 0 && dice(8) === 0 ? ['null', name] : randomType(dice, depth, names);
    const value = typeof type === 'string' ? defaults[type] : undefined;
    return { name: field, type, ...(value !== undefined && dice(2) === 0 ? { default: value } : {}) };
  });
  return { type: 'record', name, fields };
}

function randomType(dice: Dice, depth: number, names: { next: number }): Json {
  switch (dice(depth > 0 ? 9 : 4)) {
    case 4:
      return { type: 'array', items: randomType(dice, depth - 1, names) };
    case 5:
      return { type: 'map', values: randomType(dice, depth - 1, names) };
    case 6:
      return randomRecord(dice, depth - 1, names);
    case 7:
      return { type: 'enum', name: `N${names.next++}`, symbols: ['R', 'S', 'T'].slice(0, 1 + dice(3)) };
    case 8:
      return ['null', 'int', 'string', randomRecord(dice, depth - 1, names)].filter((_, at) => at === 0 || dice(3) > 0);
    default:
      return dice(9) === 0
        ? { type: 'fixed', name: `N${names.next++}`, size: oneOf(dice, [2, 4]) }
        : oneOf(dice, primitives);
  }
}

function changed(json: Json, dice: Dice): Json {
  if (typeof json === 'string') return dice(3) === 0 && !json.startsWith('N') ? oneOf(dice, primitives) : json;
  if (isList(json)) {
    const branches = json.map((branch) => (typeof branch === 'string' ? branch : changed(branch, dice)));
    return dice(4) === 0 && branches.length > 1 ? branches.slice(1) : branches;
  }
  return changedObject(json, dice);
}

function changedObject(json: JsonObject, dice: Dice): JsonObject {
  const copy: Record<string, unknown> = { ...json };
  for (const key of ['items', 'values']) if (key in copy) copy[key] = changed(copy[key] as Json, dice);
  if (Array.isArray(copy['symbols']) && dice(3) === 0)
    copy['symbols'] = [...(copy['symbols'] as string[]).slice(1), 'Z'];
  if (typeof copy['size'] === 'number' && dice(3) === 0) copy['size'] = 8;
  if (dice(12) === 0 && typeof copy['name'] === 'string' && json['type'] === 'enum') {
    copy['aliases'] = dice(2) === 0 ? [copy['name']] : [];
    copy['name'] = `${copy['name']}x`;
  }
  if (Array.isArray(copy['fields'])) copy['fields'] = changedFields(copy['fields'] as Field[], dice);
  return copy;
}

interface Field {
  readonly name: string;
  readonly type: Json;
}

function changedFields(fields: readonly Field[], dice: Dice): Field[] {
  // A default that no longer fits a changed type would make the schema invalid, and that is another test.
  const kept = fields.map(({ name, type }) => (dice(2) === 0 ? { name, type } : { name, type: changed(type, dice) }));
  const [first, ...others] = kept;
  if (first === undefined) return kept;
  switch (dice(8)) {
    case 0:
      return others.length > 0 && !/"N\d/.test(JSON.stringify(first)) ? others : kept;
    case 1:
      return [...kept, { name: 'more', type: 'int' }];
    case 2:
      return [...kept, { name: 'more', type: 'int', ...{ default: 7 } }];
    case 3:
      return [{ ...first, name: 'renamed', ...{ aliases: [first.name] } }, ...others];
    default:
      return kept;
  }
}

const isList = (json: Json): json is readonly Json[] => Array.isArray(json);
