import type { Environment } from '../../config/environment.ts';

/** Where the programs are that everything here needs. */
export interface Reached {
  readonly environment: Environment & { readonly [Name in 'kafka' | 'registry']: NonNullable<Environment[Name]> };
}
