/**
 * Memory that all connections share for what is under way: large requests that are not whole yet, and answers that nobody reads. Who
 * wants more than is left of it is cut off, so that a thousand such clients take no more than a few.
 */
export interface Room {
  readonly left: number;
  /** Throws where there is not so much. */
  take(bytes: number): void;
  give(bytes: number): void;
}

export function openRoom(bytes: number): Room {
  let left = bytes;
  return {
    get left() {
      return left;
    },
    take: (wanted) => {
      if (wanted > left) throw new Error(`no room for ${wanted} bytes more under way: ${left} of ${bytes} are left`);
      left -= wanted;
    },
    give: (back) => {
      left += back;
    },
  };
}
