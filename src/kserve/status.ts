/** gRPC's status codes, by the names that Triton's documentation uses. */
export const statuses = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type Status = keyof typeof statuses;

const names = new Map<number, Status>(Object.entries(statuses).map(([name, code]) => [code, name as Status]));

export const statusOf = (code: number): Status => names.get(code) ?? 'UNKNOWN';

/** What an answer without a status of gRPC's own means, as gRPC itself has it: it is that of somebody in between. */
export const statusOfHttp = (status: number): Exclude<Status, 'OK'> => byHttp[status] ?? 'UNKNOWN';

const byHttp: Readonly<Record<number, Exclude<Status, 'OK'>>> = {
  400: 'INTERNAL',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'UNIMPLEMENTED',
  429: 'UNAVAILABLE',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'UNAVAILABLE',
};

/** A server refuses a request, or says that it failed. */
export class Refusal extends Error {
  readonly status: Exclude<Status, 'OK'>;

  constructor(status: Exclude<Status, 'OK'>, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
  }
}
