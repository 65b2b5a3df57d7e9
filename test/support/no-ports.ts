import type { Ports } from '../../src/contract/index.ts';

/** For stages that need none. */
export const noPorts: Ports = {
  inference: () => {
    throw new TypeError('this stage needs no inference server');
  },
};
