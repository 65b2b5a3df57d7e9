import protobuf from 'protobufjs';
import { modelConfigProto } from './model-config-proto.ts';
import { proto } from './proto.ts';

const root = new protobuf.Root();
for (const text of [proto, modelConfigProto]) protobuf.parse(text, root, { keepCase: true });
root.resolveAll();
const shown = { longs: Number, enums: String, bytes: Buffer, defaults: true, arrays: true, objects: true };

/** The description of a message, for whoever reads it in another form than bytes. */
export const messageType = (name: string): protobuf.Type => root.lookupType(`inference.${name}`);

/** A message as a plain object with the protocol's field names; numbers of 64 bits are numbers, enumerations their names. */
export function decodeMessage(name: string, bytes: Uint8Array): Record<string, unknown> {
  const type = messageType(name);
  return type.toObject(type.decode(bytes), shown);
}

export function encodeMessage(name: string, message: object): Buffer {
  const type = messageType(name);
  return Buffer.from(type.encode(type.fromObject(message)).finish());
}
