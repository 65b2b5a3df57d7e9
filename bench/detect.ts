// What the rules of detect cost a row, on every channel of the SMAP data set (DOWNLINK_TEST_SMAP names its folder), in its three forms.
import { openDataSet } from '../src/replay/data-set.ts';
import { openDetector } from '../src/stages/detect/detector.ts';
import type { Row } from '../src/stages/detect/rules/rule.ts';
import { defaults } from '../test/stages/detect/watched-channel.ts';

const data = process.env['DOWNLINK_TEST_SMAP'];
if (data === undefined) throw new Error('set DOWNLINK_TEST_SMAP to the SMAP data set');

const forms = [
  [
    'all four rules, means of 4 rows',
    { ...defaults, rules: ['too-busy', 'too-quiet', 'unusual-shape', 'model-error'] },
  ],
  ['all four rules, means of 8 rows', { ...defaults, rules: [...defaults.rules, 'model-error'], shapeRows: '8' }],
  ['without shapes', { ...defaults, rules: ['too-busy', 'too-quiet', 'model-error'] }],
] as const;

async function rowsOf(split: 'train' | 'test', channel: string): Promise<Row[][]> {
  const source = await openDataSet(data ?? '', split).entities.get(channel)?.();
  if (source === undefined) throw new Error(`no ${channel}`);
  const { values } = await source.read(0, source.rows);
  await source.close();
  return Array.from({ length: source.rows }, (_, row) => {
    const value = values[row * source.columns] ?? NaN;
    return [{ value, error: Math.abs(value), gap: false, warming: false }];
  });
}

const channels = new Map<string, { quiet: Row[][]; stream: Row[][] }>();
for (const name of openDataSet(data, 'test').entities.keys())
  channels.set(name, { quiet: await rowsOf('train', name), stream: await rowsOf('test', name) });

console.log(`${channels.size} channels${' '.repeat(26)}µs a row    slowest channel      checkpoint`);
for (const [name, settings] of forms) {
  const each: { channel: string; us: number; rows: number }[] = [];
  let bytes = 0;
  // The first round is for the compiler.
  for (const round of [0, 1]) {
    for (const [channel, { quiet, stream }] of channels) {
      const detector = openDetector(settings);
      detector.prime([quiet.flat()]);
      const began = process.cpuUsage();
      for (const row of stream) detector.judge(row);
      const { user, system } = process.cpuUsage(began);
      bytes = detector.save().length;
      if (round === 1) each.push({ channel, us: (user + system) / stream.length, rows: stream.length });
    }
  }
  const rows = each.reduce((sum, one) => sum + one.rows, 0);
  const mean = each.reduce((sum, one) => sum + one.us * one.rows, 0) / rows;
  const slowest = each.reduce((most, one) => (one.us > most.us ? one : most));
  console.log(
    `  ${name.padEnd(34)}${mean.toFixed(2).padStart(8)}${`${slowest.us.toFixed(2)} (${slowest.channel})`.padStart(19)}${`${bytes} B`.padStart(16)}`,
  );
}
