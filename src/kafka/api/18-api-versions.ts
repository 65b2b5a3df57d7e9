import type { Api } from './api.ts';

export interface Supported {
  readonly error: number;
  readonly versions: ReadonlyMap<number, { readonly min: number; readonly max: number }>;
  /** Features that the whole cluster has agreed on; `transaction.version` 2 is KIP-890. */
  readonly features: ReadonlyMap<string, number>;
}

const finalizedFeatures = 2;

export const apiVersions: Api<null, Supported> = {
  key: 18,
  name: 'ApiVersions',
  versions: { min: 3, max: 3 },
  flexible: true,
  write(out) {
    out.compactString('downlink').compactString('1').noTags();
  },
  read(answer) {
    const error = answer.int16();
    const versions = new Map<number, { min: number; max: number }>();
    answer.compactArray(() => {
      versions.set(answer.int16(), { min: answer.int16(), max: answer.int16() });
      answer.tags();
    });
    answer.throttle();
    const features = new Map<string, number>();
    answer.tags((tag, field) => {
      if (tag !== finalizedFeatures) return;
      field.compactArray(() => {
        features.set(field.compactString() ?? '', field.int16());
        field.int16(); // lowest level
        field.tags();
      });
    });
    return { error, versions, features };
  },
};
