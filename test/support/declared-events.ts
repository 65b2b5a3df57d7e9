import { afterEach, expect } from '@jest/globals';
import { isError, isWarning, type Emit, type Event, type EventName } from '../../src/telemetry/events.ts';

export interface DeclaredEvents {
  readonly emit: Emit;
  /** All that came in this test. */
  readonly seen: readonly Event[];
  of<Name extends EventName>(name: Name): readonly Extract<Event, { event: Name }>[];
  /** Warnings and errors that belong to this test. */
  declare(...names: readonly EventName[]): void;
}

/**
 * Called where tests are described: each test of the group fails in which a warning or an error came that it did not
 * declare. What a test expects it says; what nobody expects nobody overlooks.
 */
export function declaredEvents(): DeclaredEvents {
  const seen: Event[] = [];
  const declared = new Set<EventName>();
  afterEach(() => {
    const undeclared = undeclaredIn(seen, declared);
    seen.length = 0;
    declared.clear();
    expect(undeclared).toEqual([]);
  });
  return {
    seen,
    emit: (event) => seen.push(event),
    of: <Name extends EventName>(name: Name) =>
      seen.filter((event): event is Extract<Event, { event: Name }> => event.event === name),
    declare: (...names) => {
      for (const name of names) declared.add(name);
    },
  };
}

export const undeclaredIn = (seen: readonly Event[], declared: ReadonlySet<EventName>): readonly Event[] =>
  seen.filter((event) => (isError(event) || isWarning(event)) && !declared.has(event.event));
