import { expect, test } from '@jest/globals';
import { grafanaGroups } from '../../src/dashboards/grafana-alerts.ts';
import { rules } from '../../src/dashboards/rules.ts';
import { vmalertGroups } from '../../src/dashboards/vmalert.ts';

const grafana = grafanaGroups(rules).groups.flatMap((group) => group.rules);
const vmalert = vmalertGroups(rules).groups.flatMap((group) => group.rules);

test('Grafana and vmalert ask the same, compare with the same, and wait for as long', () => {
  const asked = grafana.map(({ title, for: held, labels, data: [ask, compare] }) => ({
    alert: title,
    expr: `(${(ask.model as { expr: string }).expr}) > ${compare.model.conditions[0]?.evaluator.params[0]}`,
    for: held,
    labels,
  }));
  expect(asked).toEqual(vmalert.map(({ alert, expr, for: held, labels }) => ({ alert, expr, for: held, labels })));
  expect(asked).toHaveLength(5);
});

test('a rule says in a sentence what is wrong and where to look, with labels that its series have', () => {
  for (const { labels, annotations, alert, expr } of vmalert) {
    expect([alert, labels.severity]).toEqual([alert, expect.stringMatching(/^(critical|warning)$/)]);
    expect(annotations.summary).toMatch(/^\S.*\{\{ \$value \| \w+ \}\}.*\.$/);
    expect(annotations.description).toMatch(/\.$/);
    expect(annotations.dashboard).toMatch(/^\/d\/downlink-/);
    const kept = /by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ');
    for (const [, label] of JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g)) expect(kept).toContain(label);
    expect(JSON.stringify(annotations)).not.toMatch(/(?<!\{)\{\w/);
  }
  for (const { annotations } of grafana) expect(annotations.summary).toContain('{{ $values.A.Value |');
});
