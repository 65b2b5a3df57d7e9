/** The same flags, begun at another row; what falls off the end goes on at the start. */
export function rotatedAlarms(flags: Uint8Array, random: () => number): Uint8Array {
  // Never by nothing: that would be the detector itself, which nobody is better than.
  const by = 1 + Math.floor(random() * Math.max(0, flags.length - 1));
  const rotated = new Uint8Array(flags.length);
  for (let row = 0; row < flags.length; row++) rotated[(row + by) % flags.length] = flags[row] ?? 0;
  return rotated;
}
