import { conversation, type Answered, type Conversation } from './conversations.ts';

const badId = (id: string, model: string, type: string): Answered => ({
  status: 'INVALID_ARGUMENT',
  message: `sequence batching control 'CORRID' data-type is '${id}', but model '${model}' expects '${type}'`,
});

const ctl = (start: number, end: boolean): Answered => ({
  status: 'OK',
  response: {
    outputs: [
      { name: 'corrid', data: ['A-1'] },
      { name: 'end', data: [end] },
      { name: 'ready', data: [1] },
      { name: 'start', data: [start] },
      { name: 'y', data: [1] },
    ],
  },
});

/**
 * Where a newer Triton is known to answer otherwise, or 24.10's answer is chance, and this server does not do as 24.10:
 * what is accepted instead, by request.
 */
const instead: Readonly<Record<string, Readonly<Record<number, Answered>>>> = {
  // A text where a number is expected: 24.10 hands the model the text's own bytes, newer releases refuse it.
  'control tensor CORRID as int64': {
    3: badId('BYTES', 'ctl_int', 'INT64'),
    4: badId('BYTES', 'ctl_int', 'INT64'),
    5: badId('BYTES', 'ctl_int', 'INT64'),
  },
  // 24.10 pads texts and then refuses them; mended in 25.01.
  'control tensor CORRID as string': { 0: ctl(1, false), 1: ctl(0, true), 3: badId('INT64', 'ctl', 'BYTES') },
  // Memory that nobody has set: zeros here, anything there.
  'state without initial_state': Object.fromEntries([0, 1, 2, 3, 4, 5, 6].map((index) => [index, { status: 'OK' }])),
  // 24.10 looks at its queue every 500 ms; this server refuses as soon as the time is over.
  'dynamic batcher queue policy': {
    1: { status: 'UNAVAILABLE', message: 'Request timeout expired' },
    2: { status: 'UNAVAILABLE', message: 'Request timeout expired' },
  },
};

/** The one conversation of slow models that is about who shares an execution. */
const aboutBatches = 'parallel unary requests of four sequences on two slots';

/** Requests that come together may share an execution here, where Triton has begun the first before it sees the second. */
const whateverTheBatch = (answered: Answered | null): Answered | null =>
  JSON.parse(JSON.stringify(answered), (_, value: unknown) =>
    typeof value === 'object' && value !== null && 'name' in value && value.name === 'in_batch'
      ? { name: 'in_batch' }
      : value,
  ) as Answered | null;

/** Of one execution the first request succeeds and the second ends the stream: whether the first is still heard is chance. */
const lastWord = 'stream with triton_grpc_error true: an execution fails';

export function acceptedToo(spoken: Conversation): Conversation {
  if (spoken.name === lastWord) {
    const heard = conversation('stream: an execution fails for one of two sequences').responses[2] ?? null;
    return { ...spoken, responses: spoken.responses.toSpliced(2, 0, heard) };
  }
  const others = instead[spoken.name] ?? {};
  const responses = spoken.responses.map((answered, index) => others[index] ?? answered);
  return { ...spoken, responses: spoken.name === aboutBatches ? responses : responses.map(whateverTheBatch) };
}
