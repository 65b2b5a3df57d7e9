import { run } from '../../src/cli/run.ts';

/** The command line in this process: what it answers and says. */
export async function downlink(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await run(args, {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    env: {},
    untilToldToStop: () => Promise.resolve(),
  });
  return { code, out: out.join(''), err: err.join('') };
}
