export interface InferenceServerSettings {
  /** The folder of the models. */
  readonly repository: string;
  readonly host: string;
  /** 0: one that is free. */
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly metricsPort: number;
  /** Threads that run models. */
  readonly workers: number;
  /** Of model files that a thread keeps loaded. */
  readonly maxSessionBytes: number;
  /** `none`: all models are served, as they are at start. `explicit`: those that are named, then or by clients. */
  readonly control: 'none' | 'explicit';
  readonly load: readonly string[];
  /** A model that can't be loaded at start is a reason not to start. */
  readonly exitOnError: boolean;
  /** The server is ready only when all models are. */
  readonly strictReadiness: boolean;
  /** How long sequences may take to end once the server is told to stop. */
  readonly exitTimeoutMs: number;
  readonly warn: (text: string) => void;
  /** Node's options for the threads; without them, those of this process. */
  readonly execArgv?: readonly string[];
}

export const defaults = {
  host: '127.0.0.1',
  grpcPort: 8001,
  httpPort: 8000,
  metricsPort: 8002,
  workers: 1,
  maxSessionBytes: 1024 * 2 ** 20,
  control: 'none',
  load: [],
  exitOnError: true,
  strictReadiness: true,
  exitTimeoutMs: 30_000,
} as const satisfies Partial<InferenceServerSettings>;
