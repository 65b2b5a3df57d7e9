import type { Rule } from './rules.ts';

const shown: Readonly<Record<Rule['shown'], string>> = {
  share: 'humanizePercentage',
  duration: 'humanizeDuration',
  number: 'humanize',
};

/** A rule's sentences as Go's templates, in which Grafana and vmalert call the number by different names. */
export const annotationsOf = (rule: Rule, value: string) => {
  const filled = (text: string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) =>
      name === 'value' ? `{{ ${value} | ${shown[rule.shown]} }}` : `{{ $labels.${name} }}`,
    );
  return { summary: filled(rule.summary), description: rule.description, dashboard: filled(rule.path) };
};
