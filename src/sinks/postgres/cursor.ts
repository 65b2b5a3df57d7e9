/** A place in results that are ordered by their time and, where that is the same, by their id. */
export interface Place {
  readonly completedAt: number;
  readonly id: string;
}

export const cursorOf = ({ completedAt, id }: Place): string =>
  Buffer.from(JSON.stringify([completedAt, id])).toString('base64url');

/** Undefined where it is none of ours. */
export function placeOf(cursor: string): Place | undefined {
  try {
    const [completedAt, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as readonly unknown[];
    if (typeof completedAt === 'number' && Number.isFinite(completedAt) && typeof id === 'string')
      return { completedAt, id };
  } catch {
    // Whatever it is, it was not made here.
  }
  return undefined;
}
