/** One word to a shell that knows single quotes as POSIX does. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
