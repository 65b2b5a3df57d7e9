import { bytesField, integerField, message, textField, type Field } from './protobuf.ts';

export type ElementType = 'FP32' | 'INT64' | 'BOOL';

/** A size that is not fixed has a name. */
export type Dims = readonly (number | string)[];

/** What is fixed in a graph: numbers in row-major order. */
export interface Constant {
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

type Attribute = number | readonly number[] | string | Graph;

/** A graph in the making. Every method that adds a value answers its name, which later nodes take as input. */
export interface Graph {
  readonly input: (name: string, type: ElementType, dims: Dims) => string;
  readonly constant: (name: string, constant: Constant) => string;
  /** Constants that a node takes as arguments; the same ones are stored once. */
  readonly integers: (...values: readonly number[]) => string;
  readonly scalar: (value: number) => string;
  readonly node: (op: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>) => string;
  readonly nodes: (
    op: string,
    inputs: readonly string[],
    outputs: number | readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
  ) => readonly string[];
  /** A node whose one result is an output of the graph. */
  readonly output: (name: string, type: ElementType, dims: Dims, op: string, inputs: readonly string[]) => string;
  readonly encoded: () => Field;
}

const elementTypes: Readonly<Record<ElementType, number>> = { FP32: 1, INT64: 7, BOOL: 9 };
const irVersion = 8;
const opsetVersion = 17;

/** `name` begins the names of all its values, because a graph inside another sees the outer one's names. */
export function openGraph(name: string): Graph {
  const fields: Field[] = [];
  const known = new Set<string>();
  let count = 0;

  const fixed = (key: string, shape: readonly number[], data: Constant['data']): string => {
    const full = `${name}/${key}`;
    if (!known.has(full)) fields.push(bytesField(5, tensorOf(full, { shape, data })));
    known.add(full);
    return full;
  };

  const nodes: Graph['nodes'] = (op, inputs, outputs, attributes = {}) => {
    const node = `${name}/${op}_${count++}`;
    const names = typeof outputs === 'number' ? numbered(node, outputs) : outputs;
    fields.push(
      bytesField(
        1,
        message(
          ...inputs.map((input) => textField(1, input)),
          ...names.map((output) => textField(2, output)),
          textField(3, node),
          textField(4, op),
          ...Object.entries(attributes).map(([key, value]) => bytesField(5, attributeOf(key, value))),
        ),
      ),
    );
    return names;
  };

  return {
    nodes,
    node: (op, inputs, attributes) => nodes(op, inputs, 1, attributes)[0] ?? '',
    input: (input, type, dims) => {
      fields.push(bytesField(11, valueOf(input, type, dims)));
      return input;
    },
    constant: (key, constant) => {
      fields.push(bytesField(5, tensorOf(key, constant)));
      return key;
    },
    integers: (...values) => fixed(`[${values.join(', ')}]`, [values.length], BigInt64Array.from(values, BigInt)),
    scalar: (value) => fixed(`${value}`, [], Float32Array.of(value)),
    output: (output, type, dims, op, inputs) => {
      nodes(op, inputs, [output]);
      fields.push(bytesField(12, valueOf(output, type, dims)));
      return output;
    },
    encoded: () => message(...fields, textField(2, name)),
  };
}

/** A file that ONNX Runtime reads. */
export const modelFile = (graph: Graph): Uint8Array =>
  message(
    integerField(1, irVersion),
    textField(2, 'downlink'),
    bytesField(7, graph.encoded()),
    bytesField(8, message(textField(1, ''), integerField(2, opsetVersion))),
  );

const numbered = (node: string, count: number): readonly string[] =>
  count === 1 ? [node] : Array.from({ length: count }, (_, index) => `${node}.${index}`);

function attributeOf(key: string, value: Attribute): Field {
  const of = (type: number, ...fields: readonly Field[]): Field =>
    message(textField(1, key), ...fields, integerField(20, type));
  if (typeof value === 'number') return of(2, integerField(3, value));
  if (typeof value === 'string') return of(3, textField(4, value));
  if ('encoded' in value) return of(5, bytesField(6, value.encoded()));
  return of(7, ...value.map((item) => integerField(8, item)));
}

const valueOf = (name: string, type: ElementType, dims: Dims): Field =>
  message(
    textField(1, name),
    bytesField(2, bytesField(1, message(integerField(1, elementTypes[type]), shapeOf(dims)))),
  );

const shapeOf = (dims: Dims): Field =>
  bytesField(
    2,
    message(...dims.map((dim) => bytesField(1, typeof dim === 'number' ? integerField(1, dim) : textField(2, dim)))),
  );

function tensorOf(name: string, { shape, data }: Constant): Field {
  const content = Buffer.alloc(data.byteLength);
  data.forEach((value: number | bigint, index: number) => {
    if (typeof value === 'bigint') content.writeBigInt64LE(value, index * 8);
    else content.writeFloatLE(value, index * 4);
  });
  const type: ElementType = data instanceof Float32Array ? 'FP32' : 'INT64';
  return message(
    ...shape.map((size) => integerField(1, size)),
    integerField(2, elementTypes[type]),
    textField(8, name),
    bytesField(9, content),
  );
}
