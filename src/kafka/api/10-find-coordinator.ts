import type { Broker } from './03-metadata.ts';
import type { Api } from './api.ts';

export type CoordinatorKind = 'group' | 'transaction';

export interface FoundCoordinator extends Broker {
  readonly error: number;
}

export const findCoordinator: Api<
  { readonly kind: CoordinatorKind; readonly key: string },
  FoundCoordinator | undefined
> = {
  key: 10,
  name: 'FindCoordinator',
  versions: { min: 4, max: 4 },
  flexible: true,
  write(out, { kind, key }) {
    out.int8(kind === 'group' ? 0 : 1);
    out.compactArray([key], (one) => out.compactString(one)).noTags();
  },
  read(answer) {
    answer.throttle();
    const [found] = answer.compactArray((): FoundCoordinator => {
      answer.compactString(); // key
      const broker = { node: answer.int32(), host: answer.compactString() ?? '', port: answer.int32() };
      const error = answer.int16();
      answer.compactString(); // message
      answer.tags();
      return { ...broker, error };
    });
    return found;
  },
};
