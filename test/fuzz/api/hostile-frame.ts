import { randomBytes } from 'node:crypto';
import { mutated } from '../mutate.ts';
import { hostileJson } from './hostile-json.ts';

type Random = () => number;

export interface HostileFrame {
  readonly bytes: Buffer;
  /** It is one whole message of text, and has to be answered. */
  readonly isMessage: boolean;
}

interface Form {
  readonly opcode: number;
  readonly fin?: boolean;
  /** The three bits that nobody agreed on. */
  readonly reserved?: number;
  readonly masked?: boolean;
  /** Said, instead of the true one. */
  readonly length?: number;
  /** Said in more bytes than are needed. */
  readonly wide?: 16 | 64;
}

const [text, binary, close, ping, pong] = [1, 2, 8, 9, 10] as const;

/** As RFC 6455 writes a frame, or as it is told to. */
export function frame(
  payload: Buffer,
  { opcode, fin = true, reserved = 0, masked = true, length, wide }: Form,
): Buffer {
  const said = length ?? payload.length;
  const form = wide ?? (said > 65_535 ? 64 : said > 125 ? 16 : 7);
  const extended = Buffer.alloc(form === 64 ? 8 : form === 16 ? 2 : 0);
  if (form === 64) extended.writeBigUInt64BE(BigInt.asUintN(64, BigInt(said)));
  if (form === 16) extended.writeUInt16BE(said % 65_536);
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const second = (masked ? 0x80 : 0) | (form === 64 ? 127 : form === 16 ? 126 : said);
  const mask = masked ? randomBytes(4) : Buffer.alloc(0);
  const content = masked ? payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0)) : payload;
  return Buffer.concat([Buffer.from([first, second]), extended, mask, content]);
}

export const pingFrame = (payload: Buffer): Buffer => frame(payload, { opcode: ping });

/** What a subscriber may send that means ill, or knows no better. */
export function hostileFrame(random: Random): HostileFrame {
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const message = Buffer.from(random() < 0.7 ? subscription(random) : hostileJson(random));
  const kind = random();
  if (kind < 0.5) return { bytes: frame(message, { opcode: text }), isMessage: message.length <= 65_536 };
  const wrong = (bytes: Buffer): HostileFrame => ({ bytes, isMessage: false });
  if (kind < 0.55) return wrong(frame(mutated(message, random), { opcode: text }));
  if (kind < 0.6) return wrong(mutated(frame(message, { opcode: text }), random));
  if (kind < 0.65) return wrong(frame(message, { opcode: one([3, 7, 11, 15, 0]) }));
  if (kind < 0.68) return wrong(frame(message, { opcode: text, reserved: one([1, 2, 4, 7]) }));
  if (kind < 0.71) return wrong(frame(message, { opcode: text, masked: false }));
  if (kind < 0.76) {
    const length = one([0, 1, message.length + 1, 125, 65_535, 65_537, 2 ** 31, 2 ** 53 - 1, -1]);
    return wrong(frame(message, { opcode: text, length }));
  }
  if (kind < 0.79) return wrong(frame(message, { opcode: text, wide: one([16, 64]) }));
  if (kind < 0.87) return wrong(inFragments(message, random));
  if (kind < 0.9) return wrong(frame(randomBytes(one([126, 200, 65_536])), { opcode: one([close, ping, pong]) }));
  if (kind < 0.93) return wrong(frame(message.subarray(0, 100), { opcode: one([ping, pong]), fin: random() < 0.5 }));
  if (kind < 0.96)
    return wrong(frame(closing(one([0, 1, 999, 1000, 1005, 1006, 1015, 3000, 5000])), { opcode: close }));
  if (kind < 0.98) return wrong(frame(Buffer.from([0x22, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x22]), { opcode: text }));
  return wrong(frame(message, { opcode: binary }));
}

/** Some that end, some that do not, some with another message or something of control between. */
function inFragments(message: Buffer, random: Random): Buffer {
  const at = Math.floor(random() * message.length);
  const [first, last] = [message.subarray(0, at), message.subarray(at)];
  const begin = frame(first, { opcode: text, fin: false });
  const end = frame(last, { opcode: 0 });
  const between = frame(Buffer.from('x'), { opcode: random() < 0.5 ? ping : text });
  const kind = random();
  if (kind < 0.4) return Buffer.concat([begin, end]);
  if (kind < 0.6) return Buffer.concat([begin, between, end]);
  if (kind < 0.8)
    return Buffer.concat([begin, ...Array.from({ length: 50 }, () => frame(first, { opcode: 0, fin: false })), end]);
  return random() < 0.5 ? begin : end;
}

function closing(code: number): Buffer {
  if (code < 2) return Buffer.alloc(code);
  const payload = Buffer.from('\0\0bye');
  payload.writeUInt16BE(code);
  return payload;
}

function subscription(random: Random): string {
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const fields = Array.from({ length: Math.floor(random() * 4) }, () => `"${one(names)}":${one(values)}`);
  return `{${[random() < 0.9 ? '"type":"subscribe"' : '"type":"x"', ...fields].join(',')}}`;
}

const names = ['jobs', 'models', 'entities', 'anomalies', 'after', 'type', '__proto__', 'constructor', 'toString', ''];
const values = [
  ...['"all"', '["lstm"]', '["A-1","SAT-001/A-2"]', '[]', '[""]', '[1]', '{}', 'null', 'true', 'false', '0', '1e999'],
  ...[
    '"t0=1"',
    '"t0=1~t0=1"',
    '"t0=99999999999999999999"',
    '"~"',
    '"="',
    '"t0=-1"',
    `"${'a=1~'.repeat(499)}a=1"`,
    '""',
  ],
  ...[
    '["__proto__"]',
    `[${'"x",'.repeat(1_000)}"x"]`,
    `["${'y'.repeat(201)}"]`,
    '"\\ud800"',
    '{"__proto__":[]}',
    '[[[[]]]]',
  ],
];
