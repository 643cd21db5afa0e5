// A pass of the AssemblyScript compiler that describes the exported functions of a module, in the custom section
// that as-bind reads to convert arguments and results.
//
// Based on  as-bind 0.8.2, lib/transform.js, whose own pass does not load under AssemblyScript 0.20 or later.

import { Transform } from "assemblyscript/transform";

// SourceKind.UserEntry of the compiler: a file named on the command line, whose exports the module exports
const USER_ENTRY = 1;

/** The pass; the harness imports no functions and exports no generic ones. */
export class DescribeExports extends Transform {
  /** @param {{ addCustomSection(name: string, contents: Uint8Array): void }} module */
  afterCompile(module) {
    const typeIds = {};
    const exportedFunctions = {};
    for (const [name, { returnType, parameterTypes }] of exportedSignatures(this.program)) {
      for (const type of [returnType, ...parameterTypes]) {
        const { id, nextMemoryOffset } = type.getClass() ?? {};
        if (id) typeIds[typeName(type)] = { id, byteSize: nextMemoryOffset };
      }
      exportedFunctions[name] = {
        returnType: typeName(returnType),
        parameters: parameterTypes.map(typeName),
      };
    }
    const description = JSON.stringify({ typeIds, importedFunctions: {}, exportedFunctions });
    module.addCustomSection("as-bind_bindings", new TextEncoder().encode(description));
  }
}

// name and signature of every function that an entry file exports
function* exportedSignatures(program) {
  for (const file of program.filesByName.values()) {
    if (file.source.sourceKind !== USER_ENTRY) continue;
    for (const [name, element] of file.exports ?? []) {
      const compiled = element.instances?.get("");
      if (compiled) yield [name, compiled.signature];
    }
  }
}

// as in "f32" or "~lib/typedarray/Float32Array"
function typeName(type) {
  return type.getClass()?.internalName ?? type.toString();
}
