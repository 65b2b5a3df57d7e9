import { writeBackwards } from './backwards.ts';
import { isDatatype } from './datatypes.ts';
import type { InferResponse, Parameter, StreamResponse, Tensor } from './infer.ts';
import { onceEncoded } from './once-encoded.ts';
import { addParameter, encodeParameters, noParameters, readShape, writeShape } from './parts.ts';
import { Malformed, readBytes, readFields, readText } from './wire.ts';

const out = writeBackwards();

/** In pieces that follow each other; large tensors are among them as they are, and must not change any more. */
export function encodeInferResponse(response: InferResponse): readonly Buffer[] {
  write(response);
  return out.takeParts();
}

/** In pieces, as `encodeInferResponse`. */
export function encodeStreamResponse({ error, response }: StreamResponse): readonly Buffer[] {
  write(response);
  out.close(2, 0);
  out.text(1, error);
  return out.takeParts();
}

function write({ outputs, parameters, id, version, model }: InferResponse): void {
  for (let index = outputs.length - 1; index >= 0; index--) out.lend(6, outputs[index]?.bytes ?? none);
  for (let index = outputs.length - 1; index >= 0; index--) {
    const output = outputs[index];
    if (output === undefined) continue;
    const end = out.at;
    writeShape(out, 3, output.shape);
    out.text(2, output.datatype);
    out.text(1, output.name);
    out.close(5, end);
  }
  out.bytes(onceEncoded(parameters, encodeParameters));
  out.text(3, id);
  out.text(2, version);
  out.text(1, model);
}

const none = new Uint8Array();

export function decodeStreamResponse(bytes: Buffer): StreamResponse {
  let error = '';
  let response = empty;
  readFields(bytes, (field, cursor) => {
    if (field === 1) error = readText(cursor);
    else if (field === 2) response = decodeInferResponse(readBytes(cursor));
    else return false;
    return true;
  });
  return { error, response };
}

const empty: InferResponse = { model: '', version: '', id: '', parameters: noParameters, outputs: [] };

/** The tensors of the result are views of `bytes`. */
export function decodeInferResponse(bytes: Buffer): InferResponse {
  const texts: string[] = [];
  const heads: Buffer[] = [];
  const raw: Buffer[] = [];
  let parameters: Map<string, Parameter> | undefined;
  readFields(bytes, (field, cursor) => {
    if (field === 6) raw.push(readBytes(cursor));
    else if (field === 5) heads.push(readBytes(cursor));
    else if (field === 4) addParameter(readBytes(cursor), (parameters ??= new Map<string, Parameter>()));
    else if (field >= 1 && field <= 3) texts[field] = readText(cursor);
    else return false;
    return true;
  });
  return {
    model: texts[1] ?? '',
    version: texts[2] ?? '',
    id: texts[3] ?? '',
    parameters: parameters ?? noParameters,
    outputs: heads.map((head, index) => decodeOutput(head, raw[index])),
  };
}

function decodeOutput(bytes: Buffer, content: Buffer | undefined): Tensor {
  let [name, datatype] = ['', ''];
  const shape: number[] = [];
  readFields(bytes, (field, cursor, wireType) => {
    if (field === 1) name = readText(cursor);
    else if (field === 2) datatype = readText(cursor);
    else if (field === 3) readShape(cursor, wireType, shape);
    else return false;
    return true;
  });
  if (!isDatatype(datatype)) throw new Malformed(`output ${name} is of no known type: ${datatype}`);
  if (content === undefined) throw new Malformed(`output ${name} comes without its bytes`);
  return { name, datatype, shape, bytes: content };
}
