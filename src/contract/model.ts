/** How one sensor's raw value becomes the model's input; a sensor without one goes in as it is. */
export interface Scale {
  readonly min: number;
  readonly range: number;
  readonly clip: readonly [low: number, high: number];
}

/** What downlink has to know of one entity of a model. */
export interface EntityModel {
  /** Its place in the fleet's weights: the value of the model's input `entity`. */
  readonly index: number;
  /** SHA-256 of its weights, in hexadecimal. */
  readonly weights: string;
  /** The score above which a sample counts as detected, where the topology says nothing else. */
  readonly threshold: number;
  /** By sensor. */
  readonly normalisation: readonly (Scale | null)[];
}

/** `metadata.json` beside a model's `config.pbtxt`: what the inference server neither knows nor needs. */
export interface ModelMetadata {
  readonly kind: string;
  /** `fleet`: one graph with the weights of many entities and an input `entity` that chooses. */
  readonly form: 'single' | 'fleet';
  readonly sensors: number;
  /** The shape of the recurrent state, without the batch. */
  readonly state: readonly number[];
  readonly entities: Readonly<Record<string, EntityModel>>;
}

interface AnyJobModel {
  /** What it was made from: `lstm`, `transformer`, `vae` or `onnx`. */
  readonly kind: string;
  /** SHA-256 of the model's file, in hexadecimal. */
  readonly weights: string;
  /** The fewest and the most numbers that a series may have. */
  readonly least: number;
  readonly most: number;
}

/** `input`, `mask` [B,window] and `trend` [B,2] to `quantiles` [B,horizon,3]. */
export interface ForecastModel extends AnyJobModel {
  readonly task: 'forecast';
  readonly window: number;
  readonly horizon: number;
  /** The lower one, the median, the upper one. */
  readonly quantiles: readonly [number, number, number];
}

/** `input`, `mask` [B,window] to `reconstruction`, `score` [B,window] and `anomaly_score` [B,1]. */
export interface ReconstructionModel extends AnyJobModel {
  readonly task: 'reconstruct';
  readonly window: number;
  /** Of a series; a point's. Both are of normalised values. */
  readonly threshold: number;
  readonly pointThreshold: number;
}

/** Any other: numbers in, as they are, and numbers out. */
export interface PlainModel extends AnyJobModel {
  readonly task: 'plain';
  readonly input: string;
  readonly datatype: 'FP32' | 'FP64';
  /** Without the batch; the one length that may be open is -1. */
  readonly shape: readonly number[];
  /** Of its outputs the one that is the answer. */
  readonly output: string;
}

/** `metadata.json` of a model that takes a series whole and keeps nothing of it. */
export type JobModel = ForecastModel | ReconstructionModel | PlainModel;
