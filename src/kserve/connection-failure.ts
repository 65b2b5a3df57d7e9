/**
 * What gRPC's library, HTTP/2 and OpenSSL say of a connection that failed, without where in their sources they say it. All
 * other texts are somebody's own words, and stay as they are.
 */
export function plainly(text: string): string {
  const [, cause] = wrapped.map((form) => form.exec(text)).find((found) => found !== null) ?? [];
  const [, reason] = openSsl.exec(cause ?? text) ?? [];
  return (reason ?? cause)?.trim() ?? text;
}

const wrapped = [
  /^No connection established\. Last error: (?:Error: )?(.*?)(?:\s*\(\d{4}-\d\d-\d\dT[^)]*\))?\. Resolution note:/s,
  /^The pending stream has been canceled \(caused by: (.*)\)$/s,
];
/** error:<number>:<library>:<function>:<reason>:<file>:<line> */
const openSsl = /\berror:[0-9A-F]{8}:[^:]*:[^:]*:([^:]+):/;
