// Lists the instructions of a WebAssembly module, opcode by opcode.
//
// Based on  WebAssembly Core Specification 2.0, "Binary format", and the relaxed SIMD proposal: instructions with the
//           prefix 0xfd and a number of 0x100 or more.

/** The number of an instruction; with a prefix, (prefix << 16) | number. */
export type Opcode = number;

const CODE_SECTION = 10;
export const SIMD_PREFIX = 0xfd;
const MISC_PREFIX = 0xfc;

/**
 * The opcodes of all functions, in order.
 *
 * @throws Error if the bytes of a function cannot be told apart into instructions up to exactly its end.
 */
export function opcodesOf(bytes: Uint8Array): Opcode[] {
  const reader = new Reader(bytes, 8);
  const opcodes: Opcode[] = [];
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const end = reader.unsigned() + reader.at;
    if (id === CODE_SECTION) {
      for (let left = reader.unsigned(); left > 0; left--) readFunction(reader, opcodes);
    }
    reader.at = end;
  }
  return opcodes;
}

function readFunction(reader: Reader, opcodes: Opcode[]): void {
  const end = reader.unsigned() + reader.at;
  for (let groups = reader.unsigned(); groups > 0; groups--) {
    reader.unsigned();
    reader.byte();
  }
  while (reader.at < end) opcodes.push(readInstruction(reader));
  if (reader.at !== end) throw new Error(`instructions end at byte ${reader.at}, their function at ${end}`);
}

function readInstruction(reader: Reader): Opcode {
  const opcode = reader.byte();
  if (opcode === SIMD_PREFIX || opcode === MISC_PREFIX) {
    const number = reader.unsigned();
    if (opcode === SIMD_PREFIX) skipSimdOperands(reader, number);
    else reader.skipNumbers(number < 8 ? 0 : [9, 11, 13, 15, 16, 17].includes(number) ? 1 : 2);
    return (opcode << 16) | number;
  }
  if (opcode === 0x0e || opcode === 0x1c) reader.skipNumbers(reader.unsigned() + (opcode === 0x0e ? 1 : 0));
  else if (opcode === 0x43) reader.at += 4;
  else if (opcode === 0x44) reader.at += 8;
  else reader.skipNumbers(plainOperands(opcode));
  return opcode;
}

// LEB128 numbers behind an instruction without prefix
function plainOperands(opcode: number): number {
  // block, loop, if; br, br_if; call; locals, globals, tables; memory.size, memory.grow, constants; references
  const one = [2, 3, 4, 0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26];
  if ([...one, 0x3f, 0x40, 0x41, 0x42, 0xd0, 0xd2].includes(opcode)) return 1;
  // call_indirect; loads and stores
  return opcode === 0x11 || (opcode >= 0x28 && opcode <= 0x3e) ? 2 : 0;
}

function skipSimdOperands(reader: Reader, number: number): void {
  const loads = number <= 11 || number === 92 || number === 93;
  const laneLoads = number >= 84 && number <= 91;
  if (loads || laneLoads) reader.skipNumbers(2);
  // v128.const and shuffle; lanes
  if (number === 12 || number === 13) reader.at += 16;
  if (laneLoads || (number >= 21 && number <= 34)) reader.at += 1;
}

class Reader {
  at: number;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.bytes[this.at++]!;
  }

  /** An unsigned LEB128 number. */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** Passes over LEB128 numbers of either sign. */
  skipNumbers(count: number): void {
    for (let i = 0; i < count; i++) while (this.byte() >= 0x80);
  }
}
