/** An answer that is no: the code and the message go to the client as they are. */
export class Refusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
  }

  /** The first three digits. */
  get status(): number {
    return Number(String(this.code).slice(0, 3));
  }
}

/** The closed table of refusals, in Confluent's words. */
export const refuse = {
  badRequest: (what: string) => new Refusal(400, what),
  notFound: () => new Refusal(404, 'HTTP 404 Not Found'),
  methodNotAllowed: () => new Refusal(405, 'HTTP 405 Method Not Allowed'),

  subjectNotFound: (subject: string) => new Refusal(40401, `Subject '${subject}' not found.`),
  versionNotFound: (version: number) => new Refusal(40402, `Version ${version} not found.`),
  schemaNotFound: () => new Refusal(40403, 'Schema not found'),
  idNotFound: (id: number) => new Refusal(40403, `Schema ${id} not found`),
  subjectSoftDeleted: (subject: string) =>
    new Refusal(40404, `Subject '${subject}' was soft deleted.Set permanent=true to delete permanently`),
  subjectNotSoftDeleted: (subject: string) =>
    new Refusal(40405, `Subject '${subject}' was not deleted first before being permanently deleted`),
  versionSoftDeleted: (subject: string, version: string) =>
    new Refusal(
      40406,
      `Subject '${subject}' Version ${version} was soft deleted.Set permanent=true to delete permanently`,
    ),
  versionNotSoftDeleted: (subject: string, version: number) =>
    new Refusal(
      40407,
      `Subject '${subject}' Version ${version} was not deleted first before being permanently deleted`,
    ),
  levelNotSet: (subject: string) =>
    new Refusal(40408, `Subject '${subject}' does not have subject-level compatibility configured`),
  modeNotSet: (subject: string) =>
    new Refusal(40409, `Subject '${subject}' does not have subject-level mode configured`),

  // Confluent says 409 up to version 8.0 and 40901 after it; clients look at the HTTP status.
  incompatible: (subject: string, details: readonly string[]) =>
    new Refusal(
      409,
      `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${details.join(', ')}]`,
    ),

  bodyMissing: () => new Refusal(422, 'The request must not be null'),
  invalidSchema: (message: string) => new Refusal(42201, message),
  invalidVersion: (version: string) =>
    new Refusal(
      42202,
      `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
    ),
  invalidLevel: () =>
    new Refusal(
      42203,
      'Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive',
    ),
  invalidMode: () =>
    new Refusal(42204, 'Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE, and IMPORT.'),
  readOnly: (subject: string | null) => new Refusal(42205, `Subject ${subject ?? 'null'} is in read-only mode`),
  notImport: (subject: string) => new Refusal(42205, `Subject ${subject} is not in import mode`),
  notReadWrite: (subject: string) => new Refusal(42205, `Subject ${subject} is not in read-write mode`),
  importOverSubjects: () => new Refusal(42205, 'Cannot import since found existing subjects'),
  idTaken: (id: number) => new Refusal(42205, `Overwrite new schema with id ${id} is not permitted.`),
  referenced: (subject: string, version: number) =>
    new Refusal(
      42206,
      `One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=${subject},version=${version}}.`,
    ),
  invalidSubject: (subject: string) => new Refusal(42208, `The specified subject '${subject}' is not a valid.`),
  tooLarge: () => new Refusal(42209, 'Register operation failed because schema is too large'),

  internal: (what: string) => new Refusal(500, `HTTP 500 Internal Server Error: ${what}`),
  store: (what: string) => new Refusal(50001, `Error in the backend data store: ${what}`),
} satisfies Record<string, (...args: never[]) => Refusal>;
