// Jest loads the global setup and the global teardown as modules of their own, so what they share lies outside of both.
interface Started {
  stop(): Promise<void>;
}

const shared = globalThis as { downlinkPrograms?: Started[] };

export function stopLater(program: Started): void {
  (shared.downlinkPrograms ??= []).push(program);
}

/** Jest's global teardown. */
export default async function stopPrograms(): Promise<void> {
  const programs = shared.downlinkPrograms ?? [];
  shared.downlinkPrograms = [];
  await Promise.all(programs.map((program) => program.stop()));
}
