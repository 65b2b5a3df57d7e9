const maxSensors = 10_000;

export type Sensors = { readonly names: readonly string[] } | { readonly what: string; readonly remedy: string };

/** Sensor names as written, ranges like sensor_0..sensor_24 spelled out. */
export function expandSensors(written: readonly string[]): Sensors {
  const names: string[] = [];
  for (const item of written) {
    const [first = '', last] = item.split('..');
    if (last === undefined) {
      names.push(first);
      continue;
    }
    const [, stem, from] = /^(.*?)(\d+)$/.exec(first) ?? [];
    const [, lastStem, to] = /^(.*?)(\d+)$/.exec(last) ?? [];
    if (stem === undefined || stem !== lastStem) {
      return {
        what: `\`${item}\` is no range`,
        remedy: 'write both ends alike but for the number: sensor_0..sensor_24',
      };
    }
    const count = Number(to) - Number(from) + 1;
    if (count < 1) return { what: `\`${item}\` runs backwards`, remedy: `write ${last}..${first}` };
    if (names.length + count > maxSensors)
      return { what: `\`${item}\` is too long`, remedy: `write at most ${maxSensors} sensors` };
    for (let i = 0; i < count; i++) names.push(`${stem}${Number(from) + i}`);
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return { what: `sensor \`${twice}\` stands there twice`, remedy: 'take one away' };
  return { names };
}
