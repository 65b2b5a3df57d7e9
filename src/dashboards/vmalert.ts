import type { Rule } from './rules.ts';
import { annotationsOf } from './sentence.ts';

/** The rules as vmalert reads them. */
export const vmalertGroups = (rules: readonly Rule[]) => ({
  groups: [
    {
      name: 'downlink',
      interval: '30s',
      rules: rules.map((rule) => ({
        alert: rule.name,
        expr: `(${rule.expr}) > ${rule.above}`,
        for: `${rule.forMinutes}m`,
        labels: { severity: rule.severity },
        annotations: annotationsOf(rule, '$value'),
      })),
    },
  ],
});
