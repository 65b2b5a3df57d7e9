import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { openVictoria, type VictoriaLimits, type VictoriaSink } from '../../../src/sinks/victoria/sink.ts';
import { declaredEvents } from '../../support/declared-events.ts';
import { describeWith } from '../../support/describe-with.ts';
import { eventually } from '../../support/eventually.ts';
import { seeded, seedOfRun } from '../../support/random.ts';
import { sentBlock } from '../../support/series.ts';
import { exported } from '../../support/victoria.ts';

const never = new AbortController().signal;
const noon = Date.UTC(2024, 0, 1, 12);
const stamps = (count: number, from = noon) => Array.from({ length: count }, (_, i) => from + 1000 * i);

describeWith('victoria', 'what is written to a real VictoriaMetrics', ({ url }) => {
  const events = declaredEvents();
  let entity: string;
  let sink: VictoriaSink;
  const open = (limits?: Partial<VictoriaLimits>, compress?: boolean): VictoriaSink =>
    openVictoria({
      address: url,
      stage: 'export',
      emit: events.emit,
      ...(limits === undefined ? {} : { limits }),
      ...(compress === undefined ? {} : { compress }),
    });
  const readBack = async () => {
    const found = await exported(url, `{entity=~"${entity}.*"}`);
    return new Map([...found].map(([name, points]) => [name, points.map(({ value }) => value)] as const));
  };

  beforeEach(() => {
    entity = `e-${randomBytes(4).toString('hex')}`;
    sink = open();
  });
  afterEach(() => sink.close());

  test.each([false, true])(
    'stands there with its values and times, once, also when written twice; gzip %p',
    async (gzip) => {
      await sink.close();
      sink = open({}, gzip);
      const block = sentBlock(entity, stamps(3));
      await sink.write([block], never);
      await sink.write([block], never);
      const found = await exported(url, `{entity="${entity}"}`);
      expect([...found.keys()].sort()).toEqual([`test_score{${entity}}`, `test_value{${entity}}`]);
      expect(found.get(`test_score{${entity}}`)).toEqual([
        { timestamp: noon, value: 0.5 },
        { timestamp: noon + 1000, value: 1.5 },
        { timestamp: noon + 2000, value: 2.5 },
      ]);
      expect(found.get(`test_value{${entity}}`)?.map(({ value }) => value)).toEqual([100.5, 101.5, 102.5]);
    },
  );

  test('float32 values come back as they were', async () => {
    const random = seeded(seedOfRun());
    // VictoriaMetrics keeps the values of a block with one exponent, so that it rounds where they are too far apart.
    const numbers = Array.from({ length: 1000 }, () => Math.fround((random() - 0.5) * 10 ** (6 * random() - 3)));
    await sink.write(
      [sentBlock(entity, stamps(500), (series, sample) => numbers[series * 500 + sample] ?? NaN)],
      never,
    );
    const found = await readBack();
    const back = [...(found.get(`test_score{${entity}}`) ?? []), ...(found.get(`test_value{${entity}}`) ?? [])];
    expect(back.map(Math.fround)).toEqual(numbers);
  });

  test('what is no number is not there, and the rest of its series is', async () => {
    const holes = (series: number, sample: number) => (series === 0 ? NaN : sample === 1 ? Infinity : sample);
    await sink.write([sentBlock(entity, stamps(3), holes)], never);
    const found = await exported(url, `{entity="${entity}"}`);
    expect([...found]).toEqual([
      [
        `test_value{${entity}}`,
        [
          { timestamp: noon, value: 0 },
          { timestamp: noon + 2000, value: 2 },
        ],
      ],
    ]);
  });

  test('many lanes at once, in bodies of a few lines each, and names that need care', async () => {
    await sink.close();
    sink = open({ bodyBytes: 300, paceMs: 1 });
    const names = Array.from({ length: 40 }, (_, i) => `${entity} "${i}"\\ü\n{}`);
    await Promise.all(names.map((name) => sink.write([sentBlock(name, stamps(7))], new AbortController().signal)));
    const found = await readBack();
    expect([...found.keys()].sort()).toEqual(
      names.flatMap((name) => [`test_score{${name}}`, `test_value{${name}}`]).sort(),
    );
    for (const values of found.values()) expect(values).toHaveLength(7);
  });

  test('a part of it is read back, and what is not there is told', async () => {
    await sink.close();
    sink = open({ readBackMs: 100, readBackAfterMs: 0 });
    await sink.write([sentBlock(entity, stamps(4))], never);
    await fetch(`${url}/internal/force_flush`);
    await eventually('it is read back', () => events.of('sink-read-back').find(({ values }) => values === 8));
    // More than two days ahead of it VictoriaMetrics drops what it took.
    events.declare('sink-lost', 'sink-warning');
    await sink.write([sentBlock(`${entity}-future`, stamps(4, Date.now() + 10 * 86_400_000))], never);
    await eventually('the loss is told', () => events.of('sink-lost').find(({ values }) => values === 8));
  });
});
