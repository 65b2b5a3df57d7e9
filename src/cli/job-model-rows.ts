import type { JobModel } from '../contract/model.ts';
import type { StoredJobModel } from '../models/repository.ts';

/** Its line in `model ls`, but for the size. */
export const jobModelRow = ({ name, metadata }: StoredJobModel): readonly string[] => [
  name,
  metadata.kind,
  metadata.task,
  `series of ${lengthsOf(metadata)}`,
  '-',
];

/** What `model show` says of it. */
export const jobModelDetails = ({ name, metadata }: StoredJobModel): readonly (readonly string[])[] => [
  ['model', name],
  ['kind', `${metadata.kind}, ${metadata.task}`],
  ['series', `${lengthsOf(metadata)} numbers`],
  ...ofTask(metadata),
  ['weights', metadata.weights.slice(0, 12)],
];

function ofTask(model: JobModel): readonly (readonly string[])[] {
  if (model.task === 'forecast') {
    return [
      ['sees', `the last ${model.window}`],
      ['forecasts', `1 to ${model.horizon} steps, quantiles ${model.quantiles.join(', ')}`],
    ];
  }
  if (model.task === 'reconstruct') {
    return [
      ['sees', `windows of ${model.window}`],
      ['detected', `a series above ${model.threshold}, a point above ${model.pointThreshold}`],
    ];
  }
  const shape = model.shape.map((length) => (length === -1 ? 'open' : length)).join(', ');
  return [
    ['input', `${model.input} ${model.datatype} [${shape}]`],
    ['answer', model.output],
  ];
}

const lengthsOf = ({ least, most }: JobModel): string => (least === most ? `${most}` : `${least} to ${most}`);
