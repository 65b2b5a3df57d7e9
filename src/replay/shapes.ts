import { readFileSync } from 'node:fs';
import { DownlinkError } from '../errors.ts';
import type { DataSet } from './data-set.ts';
import { shapeOf, type Shape } from './shape.ts';

/** What quiet telemetry of each entity looks like, as a file keeps it. */
export function readShapes(file: string): ReadonlyMap<string, Shape> {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Shape>));
  } catch (thrown) {
    const why = `${file}: ${(thrown as Error).message}; \`downlink replay --data DIR --learn FILE\` writes such a file`;
    throw new DownlinkError('telemetry-unusable', why, { cause: thrown });
  }
}

/** Learns them all from the training rows of a data set; an entity a line. */
export async function shapesText({ entities }: DataSet): Promise<string> {
  const lines: string[] = [];
  for (const [name, open] of entities) {
    const source = await open();
    const { values } = await source.read(0, source.rows);
    lines.push(`${JSON.stringify(name)}: ${JSON.stringify(shapeOf(values, source.columns))}`);
    await source.close();
  }
  return `{\n${lines.join(',\n')}\n}\n`;
}
