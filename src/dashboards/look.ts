import {
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** All is quiet but what hurts: red where a satellite or the pipeline does, orange where nothing is seen of it. */
export const hurts = 'red';
export const unseen = 'orange';

export const quietText = 'text';
export const quietArea = 'rgba(128, 128, 128, 0.15)';

export const fromOn = (limit: number, color: string, quiet: string): ThresholdsConfigBuilder =>
  new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
    { value: null, color: quiet },
    { value: limit, color },
  ]);

export const always = (color: string): FieldColorBuilder =>
  new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(color);

/** Several series in one colour: which of them it is, the legend says. */
export const shadesOf = (color: string): FieldColorBuilder =>
  new FieldColorBuilder().mode(FieldColorModeId.Shades).fixedColor(color);

export const byThreshold = (): FieldColorBuilder => new FieldColorBuilder().mode(FieldColorModeId.Thresholds);
