import { choice, decimal, group, list, text, type ValueOf } from '../../contract/settings.ts';

export const settings = group(
  {
    sensors: choice(['all', 'listed', 'worst'], {
      about: 'Of which sensors value, reconstruction and error are exported: they are nearly all that export costs.',
      fallback: 'all',
    }),
    listedSensors: list(text({ about: 'A sensor.' }), {
      about: 'The sensors to export with `sensors: listed`.',
      fallback: [],
    }),
    worstPercent: decimal({
      about: 'With `sensors: worst`: export a sensor when its share of the error is at least this.',
      min: 0,
      max: 100,
      fallback: 10,
    }),
  },
  {
    about: 'What is written to VictoriaMetrics.',
    fallback: {},
    rules: [
      {
        key: 'listedSensors',
        says: 'must name a sensor, because of `sensors: listed`',
        holds: ({ sensors, listedSensors }) => sensors !== 'listed' || (listedSensors as readonly unknown[]).length > 0,
      },
    ],
  },
);

export type Settings = ValueOf<typeof settings>;
