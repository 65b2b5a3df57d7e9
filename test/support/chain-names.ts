export interface ChainOptions {
  readonly bootstrap: string;
  readonly prefix: string;
  readonly partitions: number;
  readonly stages: number;
}

export interface WorkerOptions extends ChainOptions {
  /** Its own, so that the supervisor finds its members. */
  readonly clientId: string;
}

/** The topics and groups of a chain: stage n reads what stage n - 1 wrote. */
export const chainNames = ({ prefix, stages }: Pick<ChainOptions, 'prefix' | 'stages'>) =>
  Array.from({ length: stages }, (_, i) => ({
    group: `${prefix}.stage-${i + 1}`,
    from: `${prefix}-${i}`,
    to: `${prefix}-${i + 1}`,
    checkpoints: `${prefix}-state-${i + 1}`,
    deadLetters: `${prefix}-dead`,
  }));

export const chainTopics = (options: Pick<ChainOptions, 'prefix' | 'stages'>): readonly string[] => {
  const names = chainNames(options);
  return [...new Set(names.flatMap(({ from, to, checkpoints, deadLetters }) => [from, to, checkpoints, deadLetters]))];
};
