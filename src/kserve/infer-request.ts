import { writeBackwards, type Backwards } from './backwards.ts';
import type { InferInput, InferRequest, Parameter, RequestedOutput } from './infer.ts';
import { onceEncoded } from './once-encoded.ts';
import {
  addParameter,
  encodeParameters,
  noParameters,
  readContents,
  readShape,
  writeContents,
  writeParameters,
  writeShape,
} from './parts.ts';
import { readBytes, readFields, readText } from './wire.ts';

const out = writeBackwards();

/** Fields from the last to the first. */
export function encodeInferRequest(request: InferRequest): Buffer {
  const { raw, outputs, inputs } = request;
  for (let index = raw.length - 1; index >= 0; index--) out.data(7, raw[index] ?? none);
  for (let index = outputs.length - 1; index >= 0; index--) {
    const { name, parameters } = outputs[index] ?? nameless;
    const end = out.at;
    writeParameters(out, 2, parameters);
    out.text(1, name);
    out.close(6, end);
  }
  out.bytes(onceEncoded(inputs, encodeInputs));
  out.bytes(onceEncoded(request.parameters, encodeParameters));
  out.text(3, request.id);
  out.text(2, request.version);
  out.text(1, request.model);
  return out.take();
}

const none = new Uint8Array();

function encodeInputs(part: Backwards, inputs: readonly InferInput[]): void {
  for (let index = inputs.length - 1; index >= 0; index--) {
    const input = inputs[index];
    if (input !== undefined) encodeInput(part, input);
  }
}

const nameless: RequestedOutput = { name: '', parameters: noParameters };

function encodeInput(part: Backwards, { name, datatype, shape, parameters, contents }: InferInput): void {
  const end = part.at;
  if (contents !== undefined) writeContents(part, 5, contents);
  writeParameters(part, 4, parameters);
  writeShape(part, 3, shape);
  part.text(2, datatype);
  part.text(1, name);
  part.close(5, end);
}

/** The tensors of the result are views of `bytes`. */
export function decodeInferRequest(bytes: Buffer): InferRequest {
  const [texts, inputs, outputs, raw]: [string[], InferInput[], RequestedOutput[], Buffer[]] = [[], [], [], []];
  let parameters: Map<string, Parameter> | undefined;
  readFields(bytes, (field, cursor) => {
    if (field === 7) raw.push(readBytes(cursor));
    else if (field === 5) inputs.push(decodeInput(readBytes(cursor)));
    else if (field === 4) addParameter(readBytes(cursor), (parameters ??= new Map<string, Parameter>()));
    else if (field === 6) outputs.push(decodeOutput(readBytes(cursor)));
    else if (field >= 1 && field <= 3) texts[field] = readText(cursor);
    else return false;
    return true;
  });
  return {
    model: texts[1] ?? '',
    version: texts[2] ?? '',
    id: texts[3] ?? '',
    parameters: parameters ?? noParameters,
    inputs,
    outputs,
    raw,
  };
}

function decodeInput(bytes: Buffer): InferInput {
  let [name, datatype] = ['', ''];
  const shape: number[] = [];
  let parameters: Map<string, Parameter> | undefined;
  let contents: InferInput['contents'];
  readFields(bytes, (field, cursor, wireType) => {
    if (field === 1) name = readText(cursor);
    else if (field === 2) datatype = readText(cursor);
    else if (field === 3) readShape(cursor, wireType, shape);
    else if (field === 4) addParameter(readBytes(cursor), (parameters ??= new Map<string, Parameter>()));
    else if (field === 5) contents = readContents(readBytes(cursor));
    else return false;
    return true;
  });
  const input = { name, datatype, shape, parameters: parameters ?? noParameters };
  return contents === undefined ? input : { ...input, contents };
}

function decodeOutput(bytes: Buffer): RequestedOutput {
  let name = '';
  let parameters: Map<string, Parameter> | undefined;
  readFields(bytes, (field, cursor) => {
    if (field === 1) name = readText(cursor);
    else if (field === 2) addParameter(readBytes(cursor), (parameters ??= new Map<string, Parameter>()));
    else return false;
    return true;
  });
  return { name, parameters: parameters ?? noParameters };
}
