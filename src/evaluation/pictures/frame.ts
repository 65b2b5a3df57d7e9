/** Where things stand in a picture of one entity. */
export const frame = { width: 1_100, left: 64, right: 1_084 } as const;

/** A part of a picture, drawn from a height on. */
export interface Panel {
  readonly height: number;
  draw(top: number): string;
}

/** A number of pixels, to a tenth: more cannot be seen, and makes a large file. */
export const px = (value: number): string => String(Math.round(value * 10) / 10);

/** Between two rows and their places in the picture; a row has a width. */
export const acrossOf =
  (rows: number) =>
  (row: number): number =>
    frame.left + (row / rows) * (frame.right - frame.left);
