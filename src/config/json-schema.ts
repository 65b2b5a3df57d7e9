import type { GroupShape, Shape } from '../contract/settings.ts';

type Json = Readonly<Record<string, unknown>>;

/** The JSON Schema (draft 7) of a shape, for editors; made from the same shape that validates. */
export const jsonSchemaOf = (shape: Shape): Json => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'downlink topology',
  ...schemaOf(shape),
});

const isRequired = (shape: Shape) => !('fallback' in shape) && shape.optional !== true;

function schemaOf(shape: Shape): Json {
  const common = { description: shape.about, ...('fallback' in shape ? { default: shape.fallback } : {}) };
  switch (shape.kind) {
    case 'text':
      return { ...common, type: 'string', ...(shape.pattern ? { pattern: whole(shape.pattern.matches) } : {}) };
    case 'choice':
      return { ...common, enum: shape.among };
    case 'flag':
      return { ...common, type: 'boolean' };
    case 'integer':
    case 'decimal':
      return { ...common, type: shape.kind === 'integer' ? 'integer' : 'number', ...bounds(shape.min, shape.max) };
    case 'list':
      return { ...common, type: 'array', items: schemaOf(shape.of), ...(shape.min ? { minItems: shape.min } : {}) };
    case 'table':
      return {
        ...common,
        type: 'object',
        propertyNames: { pattern: whole(shape.keys.matches) },
        additionalProperties: schemaOf(shape.of),
        ...(shape.min ? { minProperties: shape.min } : {}),
      };
    case 'group':
      return groupSchema(shape, common);
  }
}

function groupSchema(shape: GroupShape, common: Json): Json {
  const fields = Object.entries(shape.fields);
  const required = fields.filter(([, field]) => isRequired(field)).map(([key]) => key);
  return {
    ...common,
    // Left empty in YAML, a group is null and means {}: right where nothing in it is required.
    type: required.length === 0 ? ['object', 'null'] : 'object',
    properties: Object.fromEntries(fields.map(([key, field]) => [key, schemaOf(field)])),
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
  };
}

const whole = (pattern: string) => `^(?:${pattern})$`;

const bounds = (min?: number, max?: number): Json => ({
  ...(min === undefined ? {} : { minimum: min }),
  ...(max === undefined ? {} : { maximum: max }),
});
