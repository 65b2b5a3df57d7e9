import protobuf from 'protobufjs';
import { messageType } from './messages.ts';

/** What a message is made of, for whoever reads it in another form than bytes. */
export interface Message {
  readonly kind: 'message';
  readonly name: string;
  readonly fields: ReadonlyMap<string, Field>;
}

export interface Enumeration {
  readonly kind: 'enumeration';
  readonly numbers: ReadonlyMap<string, number>;
}

export interface Field {
  readonly name: string;
  readonly form: 'single' | 'repeated' | 'map';
  /** Of one value: a message, an enumeration, or a scalar by its name in the protocol. */
  readonly type: Message | Enumeration | string;
  /** Of a map's entries. */
  readonly keyType?: string;
  /** The choice that it belongs to: only one of its fields may be there. */
  readonly choice?: string;
}

export const messageNamed = (name: string): Message => described(messageType(name));

const known = new WeakMap<protobuf.Type, Message>();

function described(type: protobuf.Type): Message {
  const before = known.get(type);
  if (before !== undefined) return before;
  const fields = Object.values(type.fields).map((field) => [field.name, fieldOf(field.resolve())] as const);
  const message: Message = { kind: 'message', name: type.name, fields: new Map(fields) };
  known.set(type, message);
  return message;
}

const fieldOf = (field: protobuf.Field): Field => ({
  name: field.name,
  form: field instanceof protobuf.MapField ? 'map' : field.repeated ? 'repeated' : 'single',
  type: typeOf(field),
  ...(field instanceof protobuf.MapField ? { keyType: field.keyType } : {}),
  ...(field.partOf === null ? {} : { choice: field.partOf.name }),
});

function typeOf({ resolvedType, type }: protobuf.Field): Field['type'] {
  if (resolvedType instanceof protobuf.Type) return described(resolvedType);
  if (resolvedType instanceof protobuf.Enum)
    return { kind: 'enumeration', numbers: new Map(Object.entries(resolvedType.values)) };
  return type;
}
