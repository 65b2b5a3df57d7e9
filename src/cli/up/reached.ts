import type { Environment } from '../../config/environment.ts';
import type { Programs } from '../telemetry-publisher.ts';

/** Where the programs are that everything here needs. */
export interface Reached {
  readonly environment: Environment & Programs;
}
