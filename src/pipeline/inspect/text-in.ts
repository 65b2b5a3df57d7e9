const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const controls = /[^\P{Cc}\t\n\r]/u;

/** The text that bytes are, undefined where they are none: no UTF-8, or with characters that no text has. */
export function textIn(bytes: Buffer): string | undefined {
  try {
    const text = decoder.decode(bytes);
    return controls.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
