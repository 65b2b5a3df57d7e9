export interface Variable {
  readonly about: string;
  /** What to write instead, where the value is wrong; `is` says what it is. */
  readonly wrong?: (value: string) => string | undefined;
  readonly is?: string;
}

const hostAndPort = /^(\[[0-9a-f:]+\]|[^\s:/,]+):\d{1,5}$/i;

export const addresses = (value: string): string | undefined =>
  value.split(',').every((address) => hostAndPort.test(address.trim()))
    ? undefined
    : 'write host:port, several with commas between';

export const oneOf = (...words: readonly string[]) => ({
  is: 'has no such value',
  wrong: (value: string) => (words.includes(value) ? undefined : `write ${words.join(' or ')}`),
});
