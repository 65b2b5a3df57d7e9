import type { JobModel, Records } from '../../contract/index.ts';
import { forecastAnswer, forecastInput } from './forecast.ts';
import { plainInput } from './plain.ts';
import { reconstructionAnswer, windowsOf } from './reconstruct.ts';

type Numbers = Float32Array | Float64Array;
export type Answered = Pick<
  Records['job-result'],
  'predictions' | 'lower' | 'upper' | 'scores' | 'anomaly_score' | 'anomaly_detected'
>;

/** A job as its model is asked, and the way back. */
export interface Prepared {
  /** Rows of a batch, each with its numbers by input. */
  readonly rows: readonly Readonly<Record<string, Numbers>>[];
  /** The shape of a row's inputs, for who joins those of several jobs. */
  readonly shape: string;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** From the outputs of the same rows. */
  answer(rows: readonly Readonly<Record<string, Numbers>>[]): Answered;
}

/** A job that is to be asked. */
export interface Ready {
  readonly job: Records['job'];
  readonly prepared: Prepared;
}

const none = { predictions: [], lower: [], upper: [], scores: [], anomaly_score: null, anomaly_detected: null };

export function prepare({ data, forecast_steps }: Records['job'], model: JobModel): Prepared {
  switch (model.task) {
    case 'forecast': {
      const { input, mask, trend, line } = forecastInput(data, model);
      return {
        rows: [{ input, mask, trend }],
        ...ofShapes({ input: [model.window], mask: [model.window], trend: [2] }),
        answer: ([row]) => ({
          ...none,
          ...forecastAnswer(line, outputOf(row, 'quantiles'), forecast_steps ?? 0),
        }),
      };
    }
    case 'reconstruct': {
      const windows = windowsOf(data, model);
      return {
        rows: windows.map(({ input, mask }) => ({ input, mask })),
        ...ofShapes({ input: [model.window], mask: [model.window] }),
        answer: (rows) => {
          const answers = rows.map((row) => ({
            reconstruction: outputOf(row, 'reconstruction'),
            score: outputOf(row, 'score'),
          }));
          return { ...none, ...reconstructionAnswer(data, windows, answers, model) };
        },
      };
    }
    case 'plain': {
      const { shape, data: numbers } = plainInput(data, model);
      return {
        rows: [{ [model.input]: numbers as Numbers }],
        ...ofShapes({ [model.input]: shape.slice(1) }),
        answer: ([row]) => ({ ...none, predictions: [...(row?.[model.output] ?? [])] }),
      };
    }
  }
}

const ofShapes = (shapes: Prepared['shapes']): Pick<Prepared, 'shape' | 'shapes'> => ({
  shapes,
  shape: JSON.stringify(shapes),
});

function outputOf(row: Readonly<Record<string, Numbers>> | undefined, name: string): Float32Array {
  const found = row?.[name];
  if (found instanceof Float32Array) return found;
  throw new TypeError(`the model answers no ${name} in FP32`);
}
