import { bytesField, integerField, message, textField, type Field } from '../../src/models/onnx/protobuf.ts';

/** ONNX's numbers of the types that our own graphs have no use for, too. */
const types = { float32: 1, int64: 7, string: 8, float16: 10, float64: 11 };

export interface Value {
  readonly name: string;
  readonly type?: keyof typeof types | 'sequence';
  /** A text is a length that is open. */
  readonly shape: readonly (number | string)[];
}

export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number>>;
}

export interface Constant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly type?: 'int64' | 'float32';
  /** The name of a file beside the model's that holds the numbers instead. */
  readonly elsewhere?: string;
}

/** A model of any making, as another program would write it. */
export function writeOnnx(
  inputs: readonly Value[],
  outputs: readonly Value[],
  nodes: readonly Node[],
  constants: readonly Constant[] = [],
): Buffer {
  const graph = message(
    ...nodes.map((node) => bytesField(1, nodeOf(node))),
    textField(2, 'made up'),
    ...constants.map((constant) => bytesField(5, tensorOf(constant))),
    ...inputs.map((value) => bytesField(11, valueOf(value))),
    ...outputs.map((value) => bytesField(12, valueOf(value))),
  );
  const opset = message(textField(1, ''), integerField(2, 17));
  return Buffer.from(message(integerField(1, 8), bytesField(7, graph), bytesField(8, opset)));
}

const nodeOf = ({ op, inputs, outputs, attributes = {} }: Node): Field =>
  message(
    ...inputs.map((name) => textField(1, name)),
    ...outputs.map((name) => textField(2, name)),
    textField(4, op),
    ...Object.entries(attributes).map(([name, value]) =>
      bytesField(5, message(textField(1, name), integerField(3, value), integerField(20, 2))),
    ),
  );

function valueOf({ name, type = 'float32', shape }: Value): Field {
  const dims = shape.map((size) =>
    bytesField(1, typeof size === 'number' ? integerField(1, size) : textField(2, size)),
  );
  const tensor = (of: keyof typeof types): Field =>
    bytesField(1, message(integerField(1, types[of]), bytesField(2, message(...dims))));
  const typed = type === 'sequence' ? bytesField(4, bytesField(1, tensor('float32'))) : tensor(type);
  return message(textField(1, name), bytesField(2, typed));
}

function tensorOf({ name, shape, data, type = 'float32', elsewhere }: Constant): Field {
  const numbers = type === 'int64' ? BigInt64Array.from(data, BigInt) : Float32Array.from(data);
  const entry = (key: string, value: string): Field => bytesField(13, message(textField(1, key), textField(2, value)));
  return message(
    ...shape.map((size) => integerField(1, size)),
    integerField(2, types[type]),
    textField(8, name),
    ...(elsewhere === undefined
      ? [bytesField(9, new Uint8Array(numbers.buffer))]
      : [entry('location', elsewhere), integerField(14, 1)]),
  );
}
