import type { Rival } from './compare.ts';
import type { Evaluation } from './evaluate.ts';
import type { Figures } from './figures.ts';

/** All of an evaluation as plain values; what flatters stands apart, and beside everybody else's. */
export function toJson({ entities, total, rivals, leftOut, gate }: Evaluation): object {
  return {
    gate,
    total: sober(total),
    rivals: rivals.map(soberRival),
    leftOut,
    entities: entities.map(({ entity, figures }) => ({ entity, ...sober(figures) })),
    flatters: {
      pointAdjustedF1: {
        detector: total.adjusted.f1,
        rivals: Object.fromEntries(rivals.map(({ name, adjustedF1 }) => [name, adjustedF1])),
      },
    },
  };
}

const sober = (figures: Figures): object => without(figures, 'adjusted');
const soberRival = (rival: Rival): object => without(rival, 'adjustedF1');

const without = (values: object, left: string): object =>
  Object.fromEntries(Object.entries(values).filter(([name]) => name !== left));
