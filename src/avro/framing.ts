import { DownlinkError } from '../errors.ts';

// Confluent's wire format: a zero byte, the schema's id as four bytes (big-endian), Avro's binary encoding.
export const headerBytes = 5;

export function writeHeader(bytes: Buffer, id: number): void {
  bytes[0] = 0;
  bytes.writeUInt32BE(id, 1);
}

export function schemaIdOf(bytes: Buffer): number {
  if (bytes.length < headerBytes)
    throw new DownlinkError('record-unframed', `${bytes.length} bytes are too few for a schema id`);
  if (bytes[0] !== 0) throw new DownlinkError('record-unframed', `the first byte is ${bytes[0]}, not 0`);
  return bytes.readUInt32BE(1);
}
