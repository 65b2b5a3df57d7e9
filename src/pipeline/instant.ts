/** A time as people read it; as its number where no calendar has it. */
export function instant(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? String(ms) : time.toISOString();
}
