/**
 * What happens to the work at hand:
 * `reject`: this record goes to the dead letters, byte for byte, and the stage goes on;
 * `retry`: the partition pauses, and the same batch is tried again, however long it takes;
 * `stop`: nothing is committed, and the process ends with an exit code that is not zero.
 */
export type Verdict = 'reject' | 'retry' | 'stop';

interface Row {
  readonly verdict: Verdict;
  readonly means: string;
  readonly remedy: string;
}

/** The closed table. README.md shows the same rows, and a test holds the two equal. */
export const codes = {
  'record-unframed': {
    verdict: 'reject',
    means: 'The bytes do not begin like a record in the Confluent wire format (0x00, then a schema id).',
    remedy: 'Make the producer write through a schema registry serializer.',
  },
  'record-corrupt': {
    verdict: 'reject',
    means:
      "The bytes do not fit the schema they were written with: cut short, too long, or a size in them that can't be.",
    remedy: 'Look for a producer that names the wrong schema id, or for damage on the way.',
  },
  'schema-unknown': {
    verdict: 'reject',
    means: 'The registry says that no schema has the id that the record names.',
    remedy: 'Check that the producer and downlink use the same registry.',
  },
  'schema-unreadable': {
    verdict: 'reject',
    means: 'The record was written with a schema that the reading stage has no way to read.',
    remedy: 'Write with a schema that is compatible with the one in schemas/.',
  },
  'entity-unknown': {
    verdict: 'reject',
    means: "The record is of an entity that the topology's fleet does not have.",
    remedy: 'Add the entity to the fleet, or mend the name in the producer; then put the letters back.',
  },
  'telemetry-invalid': {
    verdict: 'reject',
    means: 'A sample cannot be what the topology says: too few or too many values, none finite, a time out of bounds.',
    remedy: 'Read the detail: it names every problem; mend the producer, or the sensors in the fleet.',
  },
  'numbering-mixed': {
    verdict: 'reject',
    means: 'An entity whose samples the source numbers sent some without a number, or the other way round.',
    remedy:
      "Make all producers of the entity agree; downlink keeps to what came first, and can't put both in one order.",
  },
  'sample-late': {
    verdict: 'reject',
    means: 'Later samples of the entity are scored already, and the model cannot go back.',
    remedy: 'Send in order; `late: drop` in the settings of infer drops such samples instead.',
  },
  'score-not-finite': {
    verdict: 'reject',
    means: "The model's answer to a sample is no finite number; the model's state is as if the sample had never come.",
    remedy: 'Look at the values in the letter: some are far outside of what the model was trained on.',
  },
  'registry-unavailable': {
    verdict: 'retry',
    means: 'The schema registry cannot be reached, or says that it cannot answer now.',
    remedy: 'Nothing is lost; look after the registry, downlink goes on by itself.',
  },
  'registry-refused': {
    verdict: 'stop',
    means: 'The schema registry understood a request and refused it (credentials, or a schema it finds invalid).',
    remedy: "Read the detail: it holds the registry's own words.",
  },
  'kafka-unavailable': {
    verdict: 'retry',
    means: 'A Kafka broker cannot be reached or did not answer; what a request did there is not known.',
    remedy: 'Nothing is lost; look after the broker, downlink goes on by itself.',
  },
  'kafka-refused': {
    verdict: 'stop',
    means: 'Kafka understood a request and refused it (credentials, rights, a version that downlink does not speak).',
    remedy: "Read the detail: it holds the broker's own words.",
  },
  'kafka-unreadable': {
    verdict: 'stop',
    means: "A broker's answer does not keep to Kafka's protocol.",
    remedy: 'Look for something that is no Kafka broker at that address, or for damage on the way.',
  },
  'write-refused': {
    verdict: 'stop',
    means: 'A broker will never take these records (too large, a timestamp it does not allow, a rule of the topic).',
    remedy:
      "Read the detail: it holds the partition and the broker's own words; change the topic's limits or the records.",
  },
  'inference-unavailable': {
    verdict: 'retry',
    means: 'The inference server cannot be reached, did not answer in time, or lost a sequence in the middle of it.',
    remedy: 'Nothing is lost; look after the server, downlink goes on by itself from the last committed state.',
  },
  'inference-refused': {
    verdict: 'stop',
    means: 'The inference server understood a request and refused it (shape, type, credentials, a fault in the model).',
    remedy: "Read the detail: it holds the server's own words.",
  },
  'victoria-unavailable': {
    verdict: 'retry',
    means: 'VictoriaMetrics cannot be reached, did not answer in time, or says that it cannot take more now.',
    remedy: 'Nothing is lost; look after VictoriaMetrics, downlink goes on by itself from what is committed.',
  },
  'victoria-refused': {
    verdict: 'stop',
    means: 'VictoriaMetrics understood a request and refused it (address, credentials, a body that it cannot read).',
    remedy: "Read the detail: it holds the server's own words.",
  },
  'postgres-unavailable': {
    verdict: 'retry',
    means: 'PostgreSQL cannot be reached, did not answer in time, or cannot take more now.',
    remedy: 'Nothing is lost; look after PostgreSQL, downlink goes on by itself from what is committed.',
  },
  'postgres-refused': {
    verdict: 'stop',
    means: 'PostgreSQL refused (password, rights, another schema), or its tables are of a newer downlink.',
    remedy: "Read the detail: it holds the server's own words.",
  },
  'model-unusable': {
    verdict: 'stop',
    means:
      'A model or a checkpoint is missing, damaged, lacks an entity, or is not built or configured as downlink needs it.',
    remedy: 'Read the detail; `downlink model ls` shows what the model repository holds.',
  },
  'telemetry-unusable': {
    verdict: 'stop',
    means: 'A data set cannot be replayed: a file is missing or damaged, or is not of the entities in the topology.',
    remedy: 'Read the detail: it names the file, what was found there, and what was looked for.',
  },
  'position-outside-log': {
    verdict: 'stop',
    means:
      'The position to read from is no longer, or not yet, in the log: records were removed before they were read.',
    remedy: 'Find out what was lost (both numbers are in the detail), then set the offset on purpose.',
  },
  'schema-incompatible': {
    verdict: 'stop',
    means: 'A schema in schemas/ is not compatible with what the registry holds for its subject.',
    remedy: "Change the field that is named so that both can be read, or change the subject's level on purpose.",
  },
  'record-unencodable': {
    verdict: 'stop',
    means: 'A stage made a value that does not fit the schema of the topic that it writes.',
    remedy: 'This is a fault in the stage: report it with the field that is named.',
  },
  'config-invalid': {
    verdict: 'stop',
    means: 'The topology file or the environment has mistakes.',
    remedy: 'Mend what is listed; `downlink topology check FILE` shows every mistake with its line.',
  },
  'batch-corrupt': {
    verdict: 'stop',
    means: 'A batch of records that Kafka handed out is damaged, or is in a format that downlink cannot read.',
    remedy: "Read the detail: it names partition and offset; look after the broker's disks, or its producer.",
  },
  'data-unusable': {
    verdict: 'stop',
    means: "What the schema registry keeps in Kafka's topic `_schemas` is damaged, or is no registry's.",
    remedy: 'Read the detail: it names the entry; find out who wrote it, and put the topic back from a backup.',
  },
  unclassified: {
    verdict: 'stop',
    means: 'Something happened that downlink does not know.',
    remedy: 'Report it with the detail; stopping is what keeps the data safe until then.',
  },
} as const satisfies Record<string, Row>;

export type Code = keyof typeof codes;

/** The one class of errors that downlink throws. */
export class DownlinkError extends Error {
  readonly code: Code;
  readonly detail: string;

  constructor(code: Code, detail: string, options?: ErrorOptions) {
    super(`${code}: ${detail}`, options);
    this.name = 'DownlinkError';
    this.code = code;
    this.detail = detail;
  }

  get verdict(): Verdict {
    return codes[this.code].verdict;
  }
}

/** Total: whatever was thrown becomes an error with a code, and what is not known is `unclassified`, so it stops. */
export function classify(thrown: unknown): DownlinkError {
  if (thrown instanceof DownlinkError) return thrown;
  return new DownlinkError('unclassified', describe(thrown), { cause: thrown });
}

function describe(thrown: unknown): string {
  try {
    if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`;
    return `thrown was ${typeof thrown === 'string' ? thrown : JSON.stringify(thrown)}`;
  } catch {
    // A hostile or half-built object may throw from its own getters; that must not hide that something was thrown.
    return 'something was thrown that cannot be printed';
  }
}
