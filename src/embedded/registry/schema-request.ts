import { checkCompatibility } from '../../avro/check-compatibility.ts';
import { canonicalText, normalizedText } from '../../avro/canonical-text.ts';
import { InvalidSchema, parseSchema } from '../../avro/parse-schema.ts';
import type { SchemaReference, StoredSchema } from '../../contract/schema-log.ts';
import { bodyOf, flag, type Call } from './call.ts';
import { refuse } from './refusal.ts';
import { levelOf, versionsOf, type SchemaText, type State } from './state.ts';

/** What comes with register, look-up and compatibility. */
export interface SchemaRequest {
  readonly schema: string;
  readonly references: readonly SchemaReference[];
  readonly id: number | undefined;
  readonly version: number | undefined;
}

export function schemaRequest(call: Call): SchemaRequest {
  const { schema: text, schemaType = 'AVRO', references = [], id, version } = bodyOf(call);
  const schema = text ?? '';
  if (typeof schema !== 'string') throw refuse.badRequest('schema is no text');
  if (schemaType !== null && schemaType !== 'AVRO')
    throw refuse.invalidSchema(
      `Invalid schema type ${typeof schemaType === 'string' ? schemaType : 'that is no text'}`,
    );
  if (references !== null && !Array.isArray(references)) throw refuse.badRequest('references is no list');
  return {
    schema,
    references: (references ?? []).map(readReference),
    id: positive(id, 'id'),
    version: positive(version, 'version'),
  };
}

function readReference(json: unknown): SchemaReference {
  const { name, subject, version } = (json ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof name === 'string' && typeof subject === 'string' && typeof version === 'number')
    return { name, subject, version };
  throw refuse.invalidSchema(`Invalid reference: ${JSON.stringify(json)}`);
}

/** Confluent's own clients write -1 and 0 for "none". */
function positive(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw refuse.badRequest(`${name} is no whole number`);
  return value > 0 ? value : undefined;
}

/** The request's schema as it is compared and kept: its canonical text, and references that name a version. */
export function kept(state: State, subject: string, request: SchemaRequest, call: Call): SchemaText {
  if (request.schema.trim() === '') throw refuse.invalidSchema('Empty schema');
  try {
    const references = request.references.map((reference) => ({
      ...reference,
      version: referred(state, reference).version,
    }));
    const write = flag(call, 'normalize') ? normalizedText : canonicalText;
    const schema = write(request.schema, textsOf(state, references));
    return references.length === 0 ? { schema } : { schema, references };
  } catch (error) {
    if (!(error instanceof InvalidSchema)) throw error;
    throw refuse.invalidSchema(described(subject, request, error.message));
  }
}

/** Confluent prints the request into the message as Java prints its objects. */
function described(subject: string, { schema, references, id = -1, version = 0 }: SchemaRequest, why: string): string {
  const refs = `[${references.map((one) => `{name='${one.name}', subject='${one.subject}', version=${one.version}}`).join(', ')}]`;
  const whole = `{subject=${subject},version=${version},id=${id},schemaType=AVRO,references=${refs},metadata=null,ruleSet=null,schema=${schema}}`;
  return `Invalid schema ${whole} with refs ${refs} of type AVRO, details: ${why}`;
}

/** The version that a reference names, deleted or not; -1 is the latest. */
function referred(state: State, { subject, version }: SchemaReference): StoredSchema {
  const found =
    version === -1
      ? versionsOf(state, subject, 'live').at(-1)
      : versionsOf(state, subject, 'all').find((schema) => schema.version === version);
  if (found !== undefined) return found;
  throw new InvalidSchema(`No schema reference found for subject "${subject}" and version ${version}`, '');
}

/** The texts of what is referred to, directly or not, each after those that it refers to itself. */
function textsOf(state: State, references: readonly SchemaReference[]): string[] {
  const texts = new Set<string>();
  const visit = (list: readonly SchemaReference[] = []): void => {
    for (const reference of list) {
      const { schema, references: inner } = referred(state, reference);
      if (texts.has(schema)) continue;
      visit(inner);
      texts.add(schema);
    }
  };
  visit(references);
  return [...texts];
}

const mostOfOldSchema = 10 * 1024;

/** Empty: a schema that fits all of `older`, by the subject's level. */
export function misfits(state: State, subject: string, schema: SchemaText, older: readonly StoredSchema[]): string[] {
  const level = levelOf(state, subject);
  if (level === 'NONE') return [];
  const parsed = (text: SchemaText) => parseSchema(text.schema, textsOf(state, text.references ?? []));
  const before = older.map((stored) => ({ stored, schema: parsed(stored) }));
  const verdict = checkCompatibility(level, parsed(schema), before);
  if (verdict === undefined) return [];
  const { version, schema: text } = verdict.against.stored;
  return [
    ...verdict.reasons.map(
      ({ errorType, description, additionalInfo }) =>
        `{errorType:'${errorType}', description:'${description}', additionalInfo:'${additionalInfo}'}`,
    ),
    `{oldSchemaVersion: ${version}}`,
    text.length <= mostOfOldSchema
      ? `{oldSchema: '${text}'}`
      : `{oldSchema: <truncated to ${mostOfOldSchema} characters> '${text.slice(0, mostOfOldSchema)}'}`,
    `{validateFields: 'false', compatibility: '${level}'}`,
  ];
}
