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
