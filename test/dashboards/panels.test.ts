import { describe, expect, test } from '@jest/globals';
import { dataSource } from '../../src/dashboards/data-source.ts';
import { dashboards } from './dashboards.ts';

const uids = dashboards.map(({ uid }) => uid);

describe.each(dashboards)('$title', ({ panels, annotations, text }) => {
  test('no panel lies on another, or beyond the grid', () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos: at } of panels) {
      expect(at.x + at.w).toBeLessThanOrEqual(24);
      for (let x = at.x; x < at.x + at.w; x++)
        for (let y = at.y; y < at.y + at.h; y++) {
          expect([title, taken.get(`${x} ${y}`)]).toEqual([title, undefined]);
          taken.set(`${x} ${y}`, title);
        }
    }
  });

  test('every panel asks a question, says what it shows and in what unit, and has a number of its own', () => {
    for (const { title, description, fieldConfig } of panels) {
      expect(title).toMatch(/^[A-Z].*\?$/);
      expect(description).toMatch(/^[A-Z].*\.$/);
      expect(`${title}: ${fieldConfig.defaults.unit ?? ''}`).toMatch(/: [a-z]+$/);
    }
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  test('every query goes to the one data source, under a name of its own', () => {
    for (const { title, datasource, targets } of panels) {
      expect(targets.length).toBeGreaterThan(0);
      for (const source of [datasource, ...targets.map((target) => target.datasource)])
        expect([title, source]).toEqual([title, dataSource]);
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });

  test('every annotation asks the one data source the same in the fields of all Grafanas', () => {
    for (const { name, datasource, expr, step, target } of annotations.list) {
      expect([name, datasource, target.datasource]).toEqual([name, dataSource, dataSource]);
      expect([name, expr, step]).toEqual([name, target.expr, target.interval]);
    }
  });

  test('what it links to is there', () => {
    for (const [, uid] of text.matchAll(/\/d\/([\w-]+)/g)) expect(uids).toContain(uid);
  });
});

test('from the fleet one comes to an entity and to the pipeline', () => {
  const fleet = dashboards.find(({ uid }) => uid === 'downlink-fleet')?.text;
  expect(fleet).toContain('/d/downlink-entity?var-satellite=${__field.labels.satellite_id}&${__url_time_range}');
  expect(fleet).toMatch(/\/d\/downlink-entity\?var-satellite=[^"]+&var-entity=[^"]+/);
  expect(fleet).toContain('/d/downlink-pipeline');
});

test('an entity has its open anomalies as spans', () => {
  const entity = dashboards.find(({ uid }) => uid === 'downlink-entity');
  expect(entity?.annotations.list.map(({ name }) => name)).toEqual(['Open anomalies']);
});
