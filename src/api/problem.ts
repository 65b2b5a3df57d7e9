/** RFC 9457, as every answer that is no success is given. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** What of the request is wrong, each by its place. */
  readonly errors?: readonly FieldError[];
  readonly request_id?: string;
}

export interface FieldError {
  readonly field: string;
  readonly detail: string;
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  408: 'Too late',
  409: 'Conflict',
  413: 'Too large',
  414: 'Address too long',
  415: 'Unsupported media type',
  422: 'Cannot be processed',
  426: 'Another protocol is needed',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Internal error',
  503: 'Not available now',
};

export const titleOf = (status: number): string => titles[status] ?? 'Error';

/** Thrown where a request cannot be answered as it was meant. */
export class Refused extends Error {
  readonly status: number;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    more: { readonly errors?: readonly FieldError[]; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.status = status;
    this.errors = more.errors ?? [];
    this.headers = more.headers ?? {};
  }
}

export const problemOf = (
  status: number,
  detail: string,
  errors: readonly FieldError[] = [],
  requestId?: string,
): Problem => ({
  type: 'about:blank',
  title: titleOf(status),
  status,
  detail,
  ...(errors.length === 0 ? {} : { errors }),
  ...(requestId === undefined ? {} : { request_id: requestId }),
});

/** The same for what there is not and for what is another's: the answer says nothing of what exists. */
export const notFound = (what: string): Refused => new Refused(404, `there is no such ${what}`);
